"""Declares the groups of commands on checks, configuration, frameworks, runs, the mesh and the audit log, and ``diff``.

Bodies only hand over, as in ``app``.
"""

from pathlib import Path
from typing import Annotated

import typer

from auditor.service.cli import completion
from auditor.service.cli import options as o
from auditor.service.cli.usage import Command, Group
from auditor.service.cli.words import ui

Run = Annotated[str, typer.Argument(metavar="RUN", help=ui("A run of the store"), autocompletion=completion.runs)]

checks_app = typer.Typer(help=ui("The check catalogue"), cls=Group, no_args_is_help=True, rich_markup_mode=None)


@checks_app.command("list", cls=Command, help=ui("All checks, one a line"))
def checks_list(
    only: o.Only = None,
    ids: Annotated[bool, typer.Option("--ids", help=ui("Print the ids only"))] = False,
    format: o.ListFormat = "text",
) -> int:
    from auditor.service.cli.commands.checks.checks import list_checks

    return list_checks(only or [], ids=ids, form=format)


@checks_app.command(
    "explain", cls=Command, help=ui("Why a check matters, how it is measured, how to fix what it finds")
)
def checks_explain(
    check: Annotated[
        str, typer.Argument(metavar="ID", help=ui("The id of a check"), autocompletion=completion.check_ids)
    ],
) -> int:
    from auditor.service.cli.commands.checks.checks import explain

    return explain(check)


@checks_app.command("new", cls=Command, help=ui("Write a check of your own, with its golden cases"))
def checks_new(
    name: Annotated[str, typer.Argument(metavar="ID", help=ui("The id of the new check, such as local.web.example"))],
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="FOLDER", help=ui("Where; default: the first folder of the configuration")),
    ] = None,
) -> int:
    from auditor.service.cli.commands.checks.own_checks import new_check

    return new_check(name, folder)


@checks_app.command("test", cls=Command, help=ui("Judge the golden cases of your own checks"))
def checks_test(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=ui("A folder of checks"))]) -> int:
    from auditor.service.cli.commands.checks.own_checks import judge_cases

    return judge_cases(folder)


config_app = typer.Typer(help=ui("The configuration in force"), cls=Group, no_args_is_help=True, rich_markup_mode=None)


@config_app.command("show", cls=Command, help=ui("Show the configuration in force"))
def config_show(
    origin: Annotated[bool, typer.Option("--origin", help=ui("All values, each with where it comes from"))] = False,
    everything: Annotated[bool, typer.Option("--all", help=ui("Also what is built in"))] = False,
) -> int:
    from auditor.service.cli.commands.service.config import show

    return show(origin=origin, everything=everything)


frameworks_app = typer.Typer(
    help=ui("What regulations and plans ask for"), cls=Group, no_args_is_help=True, rich_markup_mode=None
)


@frameworks_app.command("list", cls=Command, help=ui("All frameworks, one a line"))
def frameworks_list(
    ids: Annotated[bool, typer.Option("--ids", help=ui("Print the ids only"))] = False, format: o.ListFormat = "text"
) -> int:
    from auditor.service.cli.commands.reports.frameworks import list_frameworks

    return list_frameworks(ids=ids, form=format)


@frameworks_app.command(
    "show", cls=Command, help=ui("The requirements of a framework, and where a run stands with them")
)
def frameworks_show(
    framework: Annotated[
        str, typer.Argument(metavar="ID", help=ui("The id of a framework"), autocompletion=completion.frameworks)
    ],
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help=ui("A run of the store"), autocompletion=completion.runs)
    ] = None,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.reports.frameworks import show

    return show(framework, run, {"store": store})


@frameworks_app.command("validate", cls=Command, help=ui("Look for mistakes in frameworks of your own"))
def frameworks_validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=ui("Frameworks in TOML"))],
) -> int:
    from auditor.service.cli.commands.reports.frameworks import validate

    return validate(files)


@frameworks_app.command("declare", cls=Command, hidden=True, help=ui("Replaced by auditor declare add"))
def frameworks_declare(
    run: Run,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=ui("CSV files of declared values"))],
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.reports.frameworks import declare

    return declare(run, files, {"store": store})


def diff(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN_A RUN_B", help=ui("Two runs, the earlier one first"), autocompletion=completion.runs
        ),
    ] = None,
    previous: Annotated[
        str | None,
        typer.Option(
            "--previous",
            metavar="RUN",
            help=ui("Compare this run with the one before it"),
            autocompletion=completion.runs,
        ),
    ] = None,
    agency: Annotated[
        str | None,
        typer.Option(
            "--agency", metavar="CODE", help=ui("Only this unit and those under it"), autocompletion=completion.agencies
        ),
    ] = None,
    store: o.StoreUrl = None,
    format: Annotated[
        list[str] | None, typer.Option("--format", metavar="text|json[=PATH]", help=ui("Text, the default, or JSON"))
    ] = None,
    force: o.Force = False,
) -> int:
    from auditor.service.cli.commands.runs.diff import diff as command

    return command(runs or [], previous, agency, {"store": store, "format": format, "force": force or None})


runs_app = typer.Typer(help=ui("The runs of a store"), cls=Group, no_args_is_help=True, rich_markup_mode=None)


@runs_app.command("list", cls=Command, help=ui("All runs, one a line"))
def runs_list(
    store: o.StoreUrl = None,
    ids: Annotated[bool, typer.Option("--ids", help=ui("Print the ids only"))] = False,
    format: o.ListFormat = "text",
) -> int:
    from auditor.service.cli.commands.runs.runs import list_runs

    return list_runs({"store": store}, ids=ids, form=format)


@runs_app.command("show", cls=Command, help=ui("One run: its settings, judgements and seal"))
def runs_show(run: Run, store: o.StoreUrl = None, format: o.ListFormat = "text") -> int:
    from auditor.service.cli.commands.runs.runs import show

    return show(run, {"store": store}, form=format)


@runs_app.command("mesh", cls=Command, help=ui("Matrix of connections between vantages, both ways"))
def runs_mesh(run: Run, store: o.StoreUrl = None) -> int:
    from auditor.service.cli.commands.runs.meshes import mesh

    return mesh(run, {"store": store})


@runs_app.command("seal", cls=Command, help=ui("Make a run official: hashes over everything it rests on"))
def runs_seal(
    run: Run,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help=ui("Sign with this Ed25519 key, a PEM file"))
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=ui("Also write the seal to this file"))
    ] = None,
    force: o.Force = False,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.runs.seals import seal

    return seal(run, key, out, {"store": store, "force": force or None})


@runs_app.command(
    "stamp", cls=Command, help=ui("Take the time stamp of a seal that the authority did not give when it was made")
)
def runs_stamp(
    run: Run,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=ui("Also write the seal to this file"))
    ] = None,
    force: o.Force = False,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.runs.seals import stamp

    return stamp(run, out, {"store": store, "force": force or None})


@runs_app.command("verify", cls=Command, help=ui("Whether a sealed run is as it was; exits with 3 where it is not"))
def runs_verify(
    run: Run,
    seal: Annotated[
        Path | None, typer.Option("--seal", metavar="FILE", help=ui("A seal kept elsewhere; default: the store's"))
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", metavar="FILE", help=ui("Whose signature is wanted, a PEM file"))
    ] = None,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.runs.seals import verify

    return verify(run, seal, public_key, {"store": store})


@runs_app.command("forget", cls=Command, help=ui("Delete the evidence of old runs; findings and figures stay"))
def runs_forget(
    older_than: Annotated[
        int, typer.Option("--older-than", metavar="DAYS", min=1, max=36_600, help=ui("Of runs that ended before that"))
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=ui("Only name the runs"))] = False,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.runs.forget import forget

    return forget(older_than, {"store": store}, dry_run=dry_run)


@runs_app.command("trend", cls=Command, help=ui("Figures of all judged runs"))
def runs_trend(
    kpi: Annotated[
        list[str] | None, typer.Option("--kpi", metavar="K08", help=ui("Only these figures; repeatable"))
    ] = None,
    store: o.StoreUrl = None,
    format: o.ListFormat = "text",
) -> int:
    from auditor.service.cli.commands.runs.runs import trend

    return trend(kpi or [], {"store": store}, form=format)


log_app = typer.Typer(help=ui("The audit log of a store"), cls=Group, no_args_is_help=True, rich_markup_mode=None)


@log_app.command("show", cls=Command, help=ui("The latest lines: who did what, from where, when"))
def log_show(
    last: Annotated[int, typer.Option("--last", metavar="N", min=1, max=100_000, help=ui("So many lines"))] = 50,
    store: o.StoreUrl = None,
    format: o.ListFormat = "text",
) -> int:
    from auditor.service.cli.commands.service.log import show

    return show(last, {"store": store}, form=format)


@log_app.command(
    "verify", cls=Command, help=ui("Whether the audit log is as it was written; exits with 3 where it is not")
)
def log_verify(
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="NUMBER:HASH", help=ui("A line that was noted elsewhere and must be there")),
    ] = None,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.service.log import verify

    return verify(head, {"store": store})
