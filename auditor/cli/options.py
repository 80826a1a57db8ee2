"""Options that several commands share, declared once. Each is also a configuration key and ``AUDITOR_…``."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.words import ui

Targets = Annotated[list[str] | None, typer.Argument(metavar="TARGET…", help=ui("What to check"))]
Only = Annotated[list[str] | None, typer.Option("--only", metavar="ID", help=ui("Only these checks or areas"))]
Skip = Annotated[list[str] | None, typer.Option("--skip", metavar="ID", help=ui("Leave these checks or areas out"))]
Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help=ui("Treat the targets as this kind"))]
SnmpProfile = Annotated[
    str | None, typer.Option("--snmp-profile", metavar="NAME", help=ui("An SNMP profile of the configuration"))
]
Resolver = Annotated[list[str] | None, typer.Option("--resolver", metavar="ADDR[#PORT]", help=ui("Recursive resolver"))]
RootHints = Annotated[Path | None, typer.Option("--root-hints", metavar="FILE", help=ui("Root servers to start from"))]
TrustAnchor = Annotated[Path | None, typer.Option("--trust-anchor", metavar="FILE", help=ui("DNSSEC trust anchor"))]
CaFile = Annotated[Path | None, typer.Option("--ca-file", metavar="FILE", help=ui("Trusted certificate authorities"))]
ClearanceLevel = Annotated[
    str | None, typer.Option("--clearance", metavar="passive|normal|intrusive", help=ui("How far probes may go"))
]
Formats = Annotated[
    list[str] | None,
    typer.Option("--format", metavar="FORMAT[=PATH]", help=ui("Output format, repeatable: text, json, jsonl, html")),
]
FailOn = Annotated[
    str | None,
    typer.Option(
        "--fail-on", metavar="critical|high|medium|low|never", help=ui("From which severity on to exit with 3")
    ),
]
StoreUrl = Annotated[str | None, typer.Option("--store", metavar="URL", help=ui("Where runs are kept"))]
PolicyFile = Annotated[Path | None, typer.Option("--policy", metavar="FILE", help=ui("Severities, levels, thresholds"))]
Timeout = Annotated[float | None, typer.Option("--timeout", metavar="SECONDS", help=ui("Longest wait for one step"))]
EvidenceDir = Annotated[Path | None, typer.Option("--evidence", metavar="DIR", help=ui("Also write the evidence here"))]
ProfileName = Annotated[
    str | None, typer.Option("--profile", metavar="quick|audit", help=ui("How patiently to measure"))
]
OutDir = Annotated[Path | None, typer.Option("--out", metavar="DIR", help=ui("Folder for the reports"))]
