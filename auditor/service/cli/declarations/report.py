"""Declares ``auditor report``: the reports of a run, or of a period."""

from typing import Annotated

import typer

from auditor.service.cli import completion
from auditor.service.cli import options as o
from auditor.service.cli.failures import refuse
from auditor.service.cli.words import ui

REPORTING = ui("Write the reports of a run that was judged, or of a month, a quarter or a year")


def report(
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help=ui("A run of the store"), autocompletion=completion.runs)
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(
            "--period",
            metavar="PERIOD",
            help=ui("Instead of a run: all counts and samples of a period, such as 2026, 2026-Q3 or 2026-09"),
        ),
    ] = None,
    judgement: Annotated[
        str | None,
        typer.Option(
            "--judgement", metavar="ID", help=ui("This judgement of it; default: the latest, or the sealed one")
        ),
    ] = None,
    vantage: Annotated[
        str | None,
        typer.Option(
            "--vantage",
            metavar="NAME",
            help=ui("Of a round: the result of this vantage only"),
            autocompletion=completion.vantages,
        ),
    ] = None,
    agency: Annotated[
        str | None,
        typer.Option(
            "--agency",
            metavar="CODE",
            help=ui("Only this agency and the units under it"),
            autocompletion=completion.agencies,
        ),
    ] = None,
    store: o.StoreUrl = None,
    out: o.OutDir = None,
    format: o.Formats = None,
    force: o.Force = False,
    fail_on: o.FailOn = None,
) -> int:
    given = {"store": store, "format": format, "force": force or None, "fail_on": fail_on}
    options = {name: value for name, value in given.items() if value is not None}
    if (run is None) is (period is None):
        raise refuse([ui("name a run, or a period with --period")])
    if period is not None:
        from auditor.service.cli.commands.reports.period import report_period

        if any(each is not None for each in (judgement, vantage, agency, fail_on)):
            raise refuse([ui("--judgement, --vantage, --agency and --fail-on go with a run, not with --period")])
        return report_period(period, out, options)
    assert run is not None
    from auditor.service.cli.commands.reports import report as command

    choice = command.ReportChoice(run=run, judgement=judgement, vantage=vantage, agency=agency)
    return command.report(choice, out, options)
