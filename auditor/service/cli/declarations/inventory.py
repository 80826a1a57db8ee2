"""Declares the commands of ``auditor inventory``. Bodies only hand over, as in ``app``."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.service.cli import completion
from auditor.service.cli import options as o
from auditor.service.cli.usage import Command, Group
from auditor.service.cli.words import ui

Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help=ui("CSV, XLSX, ODS or YAML files"))]
InUse = Annotated[
    str, typer.Argument(metavar="NAME", help=ui("The inventory of the store"), autocompletion=completion.inventories)
]
inventory_app = typer.Typer(help=ui("What there is to audit"), cls=Group, no_args_is_help=True, rich_markup_mode=None)


@inventory_app.command(
    "discover", cls=Command, help=ui("Rows for what devices know of and the inventory does not; sends nothing")
)
def inventory_discover(
    inventory: Annotated[list[Path], typer.Argument(metavar="FILE…", help=ui("CSV, XLSX, ODS or YAML files"))],
    run: Annotated[str | None, typer.Option("--run", metavar="RUN", help=ui("A run of the store"))] = None,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.inventories.inventory_discovered import discover

    return discover(inventory, run, {"store": store})


@inventory_app.command("propose", cls=Command, help=ui("Rows for what another list has and the inventory does not"))
def inventory_propose(
    source: Annotated[
        str, typer.Argument(metavar="LIST", help=ui("A file, the https:// address of a NetBox, or a name"))
    ],
    inventory: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help=ui("Inventories whose rows are not proposed again"))
    ] = None,
    kind: Annotated[
        str, typer.Option("--from", metavar="hosts|zone|nmap|certificates|ansible|netbox|name", help=ui("The kind"))
    ] = "hosts",
    origin: Annotated[
        str, typer.Option("--origin", metavar="ZONE", help=ui("The zone of a file without $ORIGIN"))
    ] = "",
    kinds: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="GROUP=KIND", help=ui("The kind of a group of Ansible or a role of NetBox")),
    ] = None,
    agencies: Annotated[
        list[str] | None,
        typer.Option("--agency", metavar="GROUP=CODE", help=ui("The agency of a group or of a tenant of NetBox")),
    ] = None,
    token: Annotated[
        str | None,
        typer.Option("--token", metavar="env:NAME|file:PATH", help=ui("Where the read-only token of NetBox stands")),
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option("--ca-file", metavar="FILE", help=ui("Certificates to trust beside the system's"))
    ] = None,
) -> int:
    from auditor.service.cli.commands.inventories.inventory_listed import ListOptions, propose

    options = ListOptions(origin=origin, kinds=kinds or (), agencies=agencies or (), token=token, ca_file=ca_file)
    return propose(source, kind, inventory or [], options)


@inventory_app.command(
    "forgotten", cls=Command, help=ui("Names of your own domains that a run shows and no row has; sends nothing")
)
def inventory_forgotten(
    inventory: Files,
    run: Annotated[str | None, typer.Option("--run", metavar="RUN", help=ui("A run of the store"))] = None,
    suffixes: Annotated[
        list[str] | None,
        typer.Option("--suffix", metavar="DOMAIN", help=ui("A domain of your own; default: the inventory's zones")),
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="text|json|csv", help=ui("csv: as rows"))] = "text",
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.inventories.inventory_forgotten import forgotten_names

    return forgotten_names(inventory, run, suffixes or (), form, {"store": store})


@inventory_app.command(
    "validate",
    cls=Command,
    help=ui("How files are read, and everything that is wrong in them; sends and keeps nothing"),
)
def inventory_validate(
    files: Files,
    mark: Annotated[
        Path | None,
        typer.Option("--mark", metavar="COPY.xlsx", help=ui("Write a copy with coloured cells and comments")),
    ] = None,
    force: o.Force = False,
) -> int:
    from auditor.service.cli.commands.inventories.inventory_tables import validate

    return validate(files, mark, {"force": force or None})


@inventory_app.command(
    "template", cls=Command, help=ui("Write a workbook to fill in, with pick lists and explanations")
)
def inventory_template(
    path: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help=ui("The workbook to write"))], force: o.Force = False
) -> int:
    from auditor.service.cli.commands.inventories.inventory_tables import template

    return template(path, {"force": force or None})


@inventory_app.command(
    "import", cls=Command, help=ui("Show what files add, change and retire of a kept inventory; --apply keeps it")
)
def inventory_import(
    files: Files,
    name: Annotated[
        str,
        typer.Option(
            "--name", metavar="NAME", help=ui("The inventory of the store"), autocompletion=completion.inventories
        ),
    ],
    apply: Annotated[bool, typer.Option("--apply", help=ui("Keep it as a new version"))] = False,
    good_rows: Annotated[
        bool, typer.Option("--good-rows", help=ui("Take the rows without errors; the others wait to be corrected"))
    ] = False,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.inventories.inventory_kept import import_inventory

    return import_inventory(files, name, {"store": store}, apply=apply, good_rows=good_rows)


@inventory_app.command("export", cls=Command, help=ui("Write an inventory as a table that can be edited and imported"))
def inventory_export(
    inventory: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME|FILE…", help=ui("An inventory of the store, or files"), autocompletion=completion.inventories
        ),
    ],
    format: Annotated[
        list[str] | None, typer.Option("--format", metavar="csv|xlsx[=PATH]", help=ui("CSV, the default, or XLSX"))
    ] = None,
    version: Annotated[
        int | None, typer.Option("--version", metavar="N", min=1, help=ui("This version; default: the latest"))
    ] = None,
    force: o.Force = False,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.inventories.inventory_tables import export

    return export(inventory, format or ["csv"], version, {"store": store, "force": force or None})


@inventory_app.command(
    "retire", cls=Command, help=ui("Show what retiring an inventory stops; --apply takes it out of lists and audits")
)
def inventory_retire(
    name: InUse,
    apply: Annotated[bool, typer.Option("--apply", help=ui("Retire it; its versions, runs and reports stay"))] = False,
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.inventories.inventory_retired import retire

    return retire(name, {"store": store}, apply=apply)


@inventory_app.command("reinstate", cls=Command, help=ui("Take up a retired inventory again"))
def inventory_reinstate(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help=ui("The inventory of the store"), autocompletion=completion.retired_inventories
        ),
    ],
    store: o.StoreUrl = None,
) -> int:
    from auditor.service.cli.commands.inventories.inventory_retired import reinstate

    return reinstate(name, {"store": store})


@inventory_app.command("list", cls=Command, help=ui("The inventories of the store, or the versions of one by date"))
def inventory_list(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help=ui("The inventory of the store"), autocompletion=completion.inventories),
    ] = None,
    retired: Annotated[bool, typer.Option("--retired", help=ui("Those that are retired"))] = False,
    store: o.StoreUrl = None,
    format: o.ListFormat = "text",
) -> int:
    from auditor.service.cli.commands.inventories.inventory_kept import list_kept

    return list_kept(name, {"store": store}, form=format, retired=retired)
