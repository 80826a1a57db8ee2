"""Declares ``auditor respond``. Its body only hands over, as in ``app``."""

from typing import Annotated

import typer

from auditor.service.cli.words import ui

ANSWERS = ui("Answer auditors elsewhere, as a control endpoint, until interrupted")


def respond(
    bind: Annotated[
        list[str] | None, typer.Option("--bind", metavar="ADDR", help=ui("Answer on this address; repeatable"))
    ] = None,
    tcp: Annotated[
        str | None, typer.Option("--tcp", metavar="PORT[,PORT…]", help=ui("TCP ports; default: all that checks use"))
    ] = None,
    throughput: Annotated[
        int | None,
        typer.Option(
            "--throughput",
            metavar="PORT",
            min=1,
            max=65_535,
            help=ui("Also serve the object for throughput, on this port"),
        ),
    ] = None,
    echo: Annotated[
        int, typer.Option("--echo", metavar="PORT", min=1, max=65_535, help=ui("UDP port that answers echo"))
    ] = 7,
    stamp: Annotated[
        int, typer.Option("--stamp", metavar="PORT", min=1, max=65_535, help=ui("UDP port that answers STAMP"))
    ] = 862,
    witness: Annotated[
        int | None,
        typer.Option(
            "--witness",
            metavar="PORT",
            min=1,
            max=65_535,
            help=ui("Also tell which packets with forged sources arrive, on this UDP port (auditors expect 18620)"),
        ),
    ] = None,
    dns: Annotated[
        int | None,
        typer.Option(
            "--dns", metavar="PORT", min=1, max=65_535, help=ui("Also refuse DNS questions on this port, UDP and TCP")
        ),
    ] = None,
) -> int:
    from auditor.service.cli.commands.measuring.respond import respond as command

    return command(bind or [], tcp, throughput, echo, stamp, witness, dns)
