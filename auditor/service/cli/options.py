"""Declares the options that several commands share. Each is also a configuration key and ``AUDITOR_…``."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.service.cli import completion
from auditor.service.cli.words import ui
from reports.registry import FORMATS

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="TARGET…",
        help=ui(
            "A name, an address, a small network or range, or a URL; ns://ZONE for a domain,"
            " smtp://HOST for a mail server"
        ),
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="ID",
        help=ui("Only these checks or areas, such as ipv6.dns; repeatable"),
        autocompletion=completion.check_prefixes,
    ),
]
Skip = Annotated[
    list[str] | None,
    typer.Option(
        "--skip",
        metavar="ID",
        help=ui("Leave these checks or areas out; repeatable"),
        autocompletion=completion.check_prefixes,
    ),
]
Kind = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help=ui("Treat the targets as this kind: portal, zone, mail, host …"),
        autocompletion=completion.kinds,
    ),
]
OnlyKind = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help=ui("Only subjects of this kind of the inventory"),
        autocompletion=completion.kinds,
    ),
]
SnmpProfile = Annotated[
    str | None,
    typer.Option(
        "--snmp-profile",
        metavar="NAME",
        help=ui("An SNMP profile of the configuration"),
        autocompletion=completion.snmp_profiles,
    ),
]
Resolver = Annotated[
    list[str] | None,
    typer.Option("--resolver", metavar="ADDR[#PORT]", help=ui("Recursive resolver to use; repeatable")),
]
RootHints = Annotated[
    Path | None,
    typer.Option("--root-hints", metavar="FILE", help=ui("Root name servers to start from; default: shipped")),
]
TrustAnchor = Annotated[
    Path | None, typer.Option("--trust-anchor", metavar="FILE", help=ui("Trust anchor of DNSSEC; default: shipped"))
]
CaFile = Annotated[
    Path | None,
    typer.Option("--ca-file", metavar="FILE", help=ui("Trusted certificate authorities, PEM; default: the system's")),
]
ClearanceLevel = Annotated[
    str | None,
    typer.Option(
        "--clearance",
        metavar="passive|normal|intrusive",
        help=ui("How far probes may go; default: normal"),
        autocompletion=completion.words("passive", "normal", "intrusive"),
    ),
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMAT[=PATH]",
        help=ui("Output format, repeatable: {formats}", formats=", ".join(FORMATS)),
        autocompletion=completion.formats,
    ),
]
Force = Annotated[
    bool,
    typer.Option("--force", help=ui("Replace files that exist; without it they are kept, and the command is refused")),
]
FailOn = Annotated[
    str | None,
    typer.Option(
        "--fail-on",
        metavar="critical|high|medium|low|never",
        help=ui("Exit with 3 if a check of this severity or worse fails; default: high"),
        autocompletion=completion.words("critical", "high", "medium", "low", "never"),
    ),
]
SampledInventories = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INVENTORY…",
        help=ui("What to sample every five minutes: files, or the name of an inventory that the store keeps"),
    ),
]
ListFormat = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="text|json",
        help=ui("Text, the default, or JSON"),
        show_default=False,
        autocompletion=completion.words("text", "json"),
    ),
]
RoundName = Annotated[
    str | None,
    typer.Option(
        "--round",
        metavar="NAME|ID",
        help=ui("Add the run to this round of vantages; it is created if it does not exist"),
    ),
]
RoundVantages = Annotated[
    list[str] | None,
    typer.Option(
        "--vantage",
        metavar="NAME",
        help=ui("Make a round: measure from this vantage of the configuration, by its worker or from here; repeatable"),
    ),
]
DeadlineHours = Annotated[
    float | None,
    typer.Option(
        "--deadline-hours",
        metavar="HOURS",
        min=0.001,
        max=720,
        help=ui("With --vantage: wait for workers at most so long; default: 24"),
    ),
]
Amends = Annotated[
    str | None,
    typer.Option(
        "--amends",
        metavar="RUN",
        help=ui("A re-check: this run adds to that one and changes nothing in it"),
        autocompletion=completion.runs,
    ),
]
OnlySubjects = Annotated[
    list[str] | None, typer.Option("--subject", metavar="ID", help=ui("Only this subject of the inventory; repeatable"))
]
StoreUrl = Annotated[
    str | None, typer.Option("--store", metavar="URL", help=ui("Where runs are kept; default: sqlite:///auditor.db"))
]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help=ui("A file with your own severities, levels and thresholds")),
]
WaiversFile = Annotated[
    Path | None,
    typer.Option("--waivers", metavar="FILE", help=ui("A table (CSV) of accepted defects: whose, why, until when")),
]
Timeout = Annotated[
    float | None, typer.Option("--timeout", metavar="SECONDS", help=ui("Longest wait for one step on the network"))
]
SubjectSeconds = Annotated[
    float | None,
    typer.Option(
        "--subject-seconds",
        metavar="SECONDS",
        help=ui("Longest time for one subject, pauses between rounds aside (default: 180 in quick, 2700 in audit)"),
    ),
]
EvidenceDir = Annotated[
    Path | None,
    typer.Option("--evidence", metavar="DIR", help=ui("Also write the evidence to this folder, for auditor judge")),
]
ProfileName = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="quick|audit",
        help=ui("Retry policy; default: quick for check, audit for audit"),
        autocompletion=completion.words("quick", "audit"),
    ),
]
OutDir = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="DIR", help=ui("Folder for the reports; html and json unless --format says otherwise")
    ),
]
