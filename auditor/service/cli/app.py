"""Declares the commands and their options. Each body imports its implementation when it runs, and calls it."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from auditor.service.cli import completion
from auditor.service.cli import options as o
from auditor.service.cli.command_sections import Sections
from auditor.service.cli.declarations.accounts import accounts_app
from auditor.service.cli.declarations.declare import declare_app
from auditor.service.cli.declarations.groups import checks_app, config_app, diff, frameworks_app, log_app, runs_app
from auditor.service.cli.declarations.inventory import inventory_app
from auditor.service.cli.declarations.program import BACKUP, COMPLETION, RESTORE, backup, restore
from auditor.service.cli.declarations.program import completion as print_completion
from auditor.service.cli.declarations.publish import PUBLISHING, publish
from auditor.service.cli.declarations.report import REPORTING, report
from auditor.service.cli.declarations.respond import ANSWERS, respond
from auditor.service.cli.declarations.service import service_app
from auditor.service.cli.declarations.transfer import federate_app, mesh_app
from auditor.service.cli.declarations.worker import HELP, worker
from auditor.service.cli.failures import EXIT_INTERRUPTED, EXIT_USAGE, Ended, operator_errors, refuse
from auditor.service.cli.global_options import STATE
from auditor.service.cli.shared_options import AUDITING, MEASURING, given_options, taking
from auditor.service.cli.standard_streams import closed_pipe, unwritten
from auditor.service.cli.usage import Command, usage_error
from auditor.service.cli.words import ui

app = typer.Typer(
    name="auditor",
    cls=Sections,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=ui("Audits IPv6 readiness, TSLCD connectivity and basic security, and says why and how to fix it."),
)
app.add_typer(checks_app, name="checks")
app.add_typer(config_app, name="config")
app.add_typer(frameworks_app, name="frameworks")
app.add_typer(runs_app, name="runs")
app.add_typer(log_app, name="log")
app.add_typer(mesh_app, name="mesh")
app.add_typer(federate_app, name="federate")
app.add_typer(accounts_app, name="accounts")
app.add_typer(inventory_app, name="inventory")
app.add_typer(service_app, name="service")
app.add_typer(declare_app, name="declare")
app.command("diff", cls=Command, help=ui("What changed between two runs; exits with 5 where something became worse"))(
    diff
)


@cache
def _commands() -> Callable[..., Any]:
    """Return all commands with their options. Building them takes longer than most commands take to run."""
    return typer.main.get_command(app)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code. A traceback is shown only for a bug of ours."""
    STATE.arguments = tuple(arguments)
    if not arguments:
        _commands()(["--help"], standalone_mode=False, prog_name="auditor")
        return EXIT_USAGE
    try:
        with operator_errors():
            result = _commands()(list(arguments), standalone_mode=False, prog_name="auditor")
            sys.stdout.flush()
        return int(result or 0)
    except Ended as end:
        return end.code
    except typer.Exit as error:
        return int(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        print(ui("Interrupted."), file=sys.stderr)
        return EXIT_INTERRUPTED
    except typer.TyperException as error:
        message = error.format_message()
        if "\n" in message:  # a command group called without a command: its help
            print(message)
            return EXIT_USAGE
        return refuse([usage_error(message, error, _commands())]).code
    except OSError as error:
        return unwritten(error)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # the library's own way to end then, with 1
            return closed_pipe()
        raise


def _version(asked: bool) -> None:
    if asked:
        from auditor.service.pipeline.version import program_version

        print(f"auditor {program_version()}")
        raise typer.Exit


@app.callback()
def everything(
    config: Annotated[Path | None, typer.Option(metavar="FILE", help=ui("Use this configuration file only"))] = None,
    lang: Annotated[
        str | None,
        typer.Option(
            metavar="vi|en", help=ui("Language of texts; default: vi"), autocompletion=completion.words("vi", "en")
        ),
    ] = None,
    color: Annotated[
        str | None,
        typer.Option(
            metavar="auto|always|never",
            help=ui("Colour; default: auto"),
            autocompletion=completion.words("auto", "always", "never"),
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help=ui("Also show what passed"))] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help=ui("Show no progress"))] = False,
    json_progress: Annotated[
        bool, typer.Option("--json-progress", help=ui("Show progress as JSON, an object a line on standard error"))
    ] = False,
    log_format: Annotated[
        str | None,
        typer.Option(
            "--log-format",
            metavar="text|json",
            help=ui("Form of the service's log on standard error; default: text"),
            autocompletion=completion.words("text", "json"),
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=ui("Show the version and end"))
    ] = False,
) -> None:
    STATE.config, STATE.lang, STATE.color, STATE.log_format = config, lang, color, log_format
    STATE.verbosity, STATE.json_progress = int(verbose) - int(quiet), json_progress


@app.command(cls=Command, help=ui("Check targets once and say what is wrong and how to fix it"))
@taking(AUDITING)
def check(
    targets: o.Targets = None,
    file: Annotated[
        str | None,
        typer.Option("-f", metavar="FILE|-", help=ui("Read targets from a file, one a line; - is standard input")),
    ] = None,
    kind: o.Kind = None,
    *,
    given: Mapping[str, object],
) -> int:
    from auditor.service.cli.commands.measuring.check import check as command

    return command(targets or [], file, {"kind": kind, **given})


@app.command(cls=Command, help=ui("Audit a whole inventory: measure, judge, store, report"))
@taking(AUDITING)
def audit(
    inventory: Annotated[
        list[Path],
        typer.Argument(
            metavar="INVENTORY…", help=ui("CSV, XLSX, ODS or YAML files, or the name of one that the store keeps")
        ),
    ],
    store: o.StoreUrl = None,
    out: o.OutDir = None,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help=ui("A name for the run"))] = "",
    resume: Annotated[
        str | None,
        typer.Option("--resume", metavar="RUN", help=ui("Go on with this run"), autocompletion=completion.runs),
    ] = None,
    round: o.RoundName = None,
    vantage: o.RoundVantages = None,
    deadline_hours: o.DeadlineHours = None,
    amends: o.Amends = None,
    subject: o.OnlySubjects = None,
    kind: o.OnlyKind = None,
    *,
    given: Mapping[str, object],
) -> int:
    from auditor.service.cli.commands.measuring.audit import Recheck
    from auditor.service.cli.commands.measuring.audit import audit as command
    from auditor.service.scheduler.model import HOURS

    return command(
        inventory,
        out,
        name,
        resume,
        Recheck(
            amends=amends or "",
            subjects=tuple(subject or ()),
            kind=kind,
            round=round or "",
            vantages=tuple(vantage or ()),
            hours=HOURS if deadline_hours is None else deadline_hours,
        ),
        {"store": store, **given},
    )


@app.command(cls=Command, help=ui("One round of samples (reach, loss, delays, counters) into the store, for cron"))
@taking(MEASURING)
def sample(
    inventory: Annotated[
        list[str],
        typer.Argument(
            metavar="INVENTORY…", help=ui("CSV, XLSX, ODS or YAML files, or the name of one that the store keeps")
        ),
    ],
    store: o.StoreUrl = None,
    *,
    given: Mapping[str, object],
) -> int:
    from auditor.service.cli.commands.measuring.sample import sample as command

    return command(inventory, {"store": store, **given})


@app.command(cls=Command, help=ui("Raw evidence of one probe, as JSON"))
def probe(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help=ui("A probe, such as dns, tcp, tls, http, icmp6"), autocompletion=completion.probes
        ),
    ],
    target: Annotated[str, typer.Argument(metavar="TARGET", help=ui("What to probe"))],
    snmp_profile: o.SnmpProfile = None,
    resolver: o.Resolver = None,
    root_hints: o.RootHints = None,
    timeout: o.Timeout = None,
) -> int:
    from auditor.service.cli.commands.measuring.probe import probe as command

    given = given_options(snmp_profile=snmp_profile, resolver=resolver, root_hints=root_hints, timeout=timeout)
    return command(name, target, given)


@app.command(cls=Command, help=ui("Judge stored evidence again; measures nothing"))
def judge(
    evidence: Annotated[
        str,
        typer.Argument(
            metavar="EVIDENCE|RUN", help=ui("A folder of evidence, or a run"), autocompletion=completion.runs
        ),
    ],
    store: o.StoreUrl = None,
    policy: o.PolicyFile = None,
    waivers: o.WaiversFile = None,
    format: o.Formats = None,
    force: o.Force = False,
    fail_on: o.FailOn = None,
) -> int:
    from auditor.service.cli.commands.runs.judge import judge as command

    return command(
        evidence,
        given_options(store=store, policy=policy, waivers=waivers, format=format, force=force, fail_on=fail_on),
    )


app.command(cls=Command, help=REPORTING)(report)


@app.command(cls=Command, help=ui("Test this installation and what can be measured from here"))
def doctor(format: o.ListFormat = "text", store: o.StoreUrl = None) -> int:
    from auditor.service.cli.commands.diagnosis.doctor import doctor as command

    return command(format, given_options(store=store))


app.command(cls=Command, help=ANSWERS)(respond)


@app.command(cls=Command, help=ui("Run the web interface and sample regularly, until interrupted"))
def serve(
    inventory: o.SampledInventories = None,
    listen: Annotated[
        list[str] | None,
        typer.Option("--listen", metavar="ADDR:PORT", help=ui("Listen here; default: only port 8080 of this machine")),
    ] = None,
    https: Annotated[bool, typer.Option("--https", help=ui("Behind an HTTPS reverse proxy"))] = False,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.service.serve import serve as command

    return command(inventory or [], listen or [], given_options(store=store), https=https)


app.command(cls=Command, help=PUBLISHING)(publish)
app.command(cls=Command, help=HELP)(worker)
app.command("completion", cls=Command, help=COMPLETION)(print_completion)


app.command(cls=Command, help=BACKUP)(backup)
app.command(cls=Command, help=RESTORE)(restore)
