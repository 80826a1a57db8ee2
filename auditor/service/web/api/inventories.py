"""Serves kept inventories with their versions, and waivers. Operators only; they see every agency."""

import base64
from datetime import UTC, datetime

from auditor.framework.localdate import civil_day
from auditor.framework.waivers import WaiverRow
from auditor.service.accounts.model import Role, TokenScope
from auditor.service.inventories.upload_preview import SentError, preview_files
from auditor.service.scheduler import retiring
from auditor.service.store.kept.inventories import Inventories, IsRetired, Moved, Packed
from auditor.service.store.kept.inventory_names import is_name
from auditor.service.store.records import InventoryVersion, KeptWaiver, StoreError
from auditor.service.web.api import job_models, models, rows
from auditor.service.web.api.jobs import number
from auditor.service.web.api.operation import Answer, Call, EmptyModel, Operations
from auditor.service.web.api.paging import numbered
from auditor.service.web.api.problems import Mistake, Refused, asked_language
from auditor.service.web.forms.uploads import parse_upload
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, run_in_thread, site_of
from inventory.inventory import Inventory
from inventory.model import AgencyId, Subject, SubjectId, written
from inventory.problems.problem import InventoryError
from reports import json_data

operations = Operations("kept")
LARGEST_INVENTORY = 16 * 1024 * 1024
_MOST_PROBLEMS = 100


@operations.get("/inventories", answer=job_models.InventoryList, query=models.Sent, role=Role.OPERATOR)
async def inventories(call: Call[models.Sent, EmptyModel]) -> Answer:
    """Return the kept inventories with their latest versions, then the files that the service was started with."""
    return await run_in_thread(_inventories, site_of(call.request))


def _inventories(site: Site) -> job_models.InventoryList:
    kept = site.stock.latest()
    files = [str(file) for file in site.inventories.files]
    return job_models.InventoryList(items=[*map(_version, kept), *map(_file, files)])


@operations.get(
    "/inventories/{inventory}",
    answer=job_models.Targets,
    query=job_models.InventoryQuery,
    role=Role.OPERATOR,
    conflicts=True,
)
async def inventory(call: Call[job_models.InventoryQuery, EmptyModel]) -> Answer:
    """Return the rows of the latest version."""
    return await run_in_thread(_inventory, site_of(call.request), call.part("inventory"), call.query)


def _inventory(site: Site, name: str, query: job_models.InventoryQuery) -> job_models.Targets:
    kept = site.stock
    found, row = _read(site, kept, name)
    lines = [subject for subject in found.subjects if query.agency in (None, subject.agency)]
    shown, following = numbered(lines, query.cursor, query.limit)
    return job_models.Targets(inventory=row, items=list(map(_target, shown)), next=following)


def _read(site: Site, kept: Inventories, name: str) -> tuple[Inventory, job_models.InventoryRow]:
    try:
        version = kept.version(name)
        gone = kept.retirements().get(name)
        return kept.read(version), _version(version, None if gone is None else gone.made)
    except StoreError:
        if name not in (str(file) for file in site.inventories.files):
            raise Refused(404) from None
    try:
        return site.inventories.load(name, site.store), _file(name)
    except InventoryError as error:
        raise Refused(409, "bad_inventory", _problems(error, site.config.lang)) from error


@operations.post(
    "/inventories/{inventory}/versions",
    answer=job_models.InventoryRow,
    body=job_models.InventoryBody,
    role=Role.OPERATOR,
    scope=TokenScope.ADMIN,
    refusals=frozenset({409}),
    largest=LARGEST_INVENTORY,
)
async def import_inventory(call: Call[EmptyModel, job_models.InventoryBody]) -> Answer:
    """Import an inventory from files, all or nothing; if there are problems, keep nothing and name each of them."""
    who, address = call.account.name, remote(call.request)
    site, name = site_of(call.request), call.part("inventory")
    if not is_name(name):
        raise Refused(404)
    try:
        files = await run_in_thread(_decoded, call.body)
    except ValueError as error:
        raise Refused(422, "", [Mistake(where=["files"], what="not Base64")]) from error
    try:
        made = await parse_upload(preview_files, files)
    except SentError as error:
        lang = asked_language(call.request, site.config.lang)
        raise Refused(422, "bad_inventory", _problems(error, lang)) from error
    return await run_in_thread(_import, site, name, made.packed, call.body.on, who, address)


def _decoded(body: job_models.InventoryBody) -> list[tuple[str, bytes]]:
    """Return the names and bytes of the files. Raises ValueError for data that is not Base64."""
    return [(file.name, base64.b64decode(file.data, validate=True)) for file in body.files]


def _import(site: Site, name: str, inventory: Packed, on: int, who: str, address: str) -> job_models.InventoryRow:
    try:
        with site.store.batch():
            made = site.stock.add(name, inventory, who=who, now=datetime.now(UTC), on=on)
            site.accounts.note(who, address, "inventory_imported", f"{name} {made.number}")
    except IsRetired as error:
        raise Refused(409, "retired") from error
    except Moved as error:
        raise Refused(409, "moved") from error
    return _version(made)


@operations.post(
    "/inventories/{inventory}/retire",
    answer=job_models.InventoryRow,
    body=EmptyModel,
    role=Role.OPERATOR,
    scope=TokenScope.ADMIN,
    status=200,
    refusals=frozenset({404, 409}),
)
async def retire_inventory(call: Call[EmptyModel, EmptyModel]) -> Answer:
    """Retire an inventory: it is audited no more and its schedules are paused; its versions, runs and reports stay."""
    site, who, address = site_of(call.request), call.account.name, remote(call.request)
    return await run_in_thread(_retire, site, call.part("inventory"), who, address)


def _retire(site: Site, name: str, who: str, address: str) -> job_models.InventoryRow:
    now = datetime.now(UTC)
    try:
        with site.store.batch():
            retiring.retire(name, site.stock, site.jobs, site.schedules, who=who, address=address, now=now)
            site.accounts.note(who, address, "inventory_retired", name)
    except IsRetired as error:
        raise Refused(409, "retired") from error
    except StoreError as error:
        raise Refused(404) from error
    return _version(site.stock.version(name), now)


@operations.post(
    "/inventories/{inventory}/reinstate",
    answer=job_models.InventoryRow,
    body=EmptyModel,
    role=Role.OPERATOR,
    scope=TokenScope.ADMIN,
    status=200,
    refusals=frozenset({404}),
)
async def reinstate_inventory(call: Call[EmptyModel, EmptyModel]) -> Answer:
    """Reinstate a retired inventory; its schedules stay paused until somebody resumes them."""
    site, who, address = site_of(call.request), call.account.name, remote(call.request)
    return await run_in_thread(_reinstate, site, call.part("inventory"), who, address)


def _reinstate(site: Site, name: str, who: str, address: str) -> job_models.InventoryRow:
    try:
        with site.store.batch():
            site.stock.reinstate(name, who=who, now=datetime.now(UTC))
            site.accounts.note(who, address, "inventory_reinstated", name)
    except StoreError as error:
        raise Refused(404) from error
    return _version(site.stock.version(name))


@operations.get("/waivers", answer=job_models.Waivers, query=models.PageQuery, role=Role.OPERATOR, missing=True)
async def waivers(call: Call[models.PageQuery, EmptyModel]) -> Answer:
    """Return all waivers, ended ones too, in the order in which they were written down."""
    every = await run_in_thread(site_of(call.request).waivers.all)
    shown, following = numbered(every, call.query.cursor, call.query.limit)
    return job_models.Waivers(items=list(map(_waiver, shown)), next=following)


@operations.post(
    "/waivers",
    answer=job_models.WaiverRowOut,
    body=job_models.WaiverBody,
    role=Role.OPERATOR,
    scope=TokenScope.ADMIN,
    refusals=frozenset({404, 409}),
)
async def waive(call: Call[EmptyModel, job_models.WaiverBody]) -> Answer:
    """Add a waiver that every judgement from now on applies; the verdict stays and is shown as accepted."""
    return await run_in_thread(_waive, site_of(call.request), call.body, call.account.name, remote(call.request))


def _waive(site: Site, body: job_models.WaiverBody, who: str, address: str) -> job_models.WaiverRowOut:
    check, now = body.check.rstrip("."), datetime.now(UTC)
    if not any(f"{check_id}.".startswith(f"{check}.") for check_id in site.catalogue.checks):
        raise Refused(404, "no_check")
    if body.until < civil_day(now):
        raise Refused(409, "already_over")
    row = WaiverRow(
        subject=SubjectId(body.whose) if body.of == "subject" else None,
        agency=AgencyId(body.whose) if body.of == "agency" else None,
        check=check,
        reason=body.reason,
        owner=body.owner,
        until=body.until,
    )
    kept = site.waivers
    with site.store.batch():
        key = kept.add(row, who=who, now=now)
        site.accounts.note(who, address, "waiver_added", f"{key} {row.of} {check}")
    return _waiver(next(waiver for waiver in kept.all() if waiver.key == key))


@operations.post(
    "/waivers/{waiver}/end",
    answer=job_models.WaiverRowOut,
    body=EmptyModel,
    role=Role.OPERATOR,
    scope=TokenScope.ADMIN,
    status=200,
)
async def end_waiver(call: Call[EmptyModel, EmptyModel]) -> Answer:
    who, address = call.account.name, remote(call.request)
    return await run_in_thread(_end_waiver, site_of(call.request), number(call.part("waiver")), who, address)


def _end_waiver(site: Site, key: int, who: str, address: str) -> job_models.WaiverRowOut:
    kept = site.waivers
    try:
        with site.store.batch():
            kept.end(key, who=who, now=datetime.now(UTC))
            site.accounts.note(who, address, "waiver_ended", str(key))
    except StoreError as error:
        raise Refused(404, "not_in_force") from error
    return _waiver(next(waiver for waiver in kept.all() if waiver.key == key))


def _problems(error: InventoryError, lang: str) -> list[Mistake]:
    return [
        Mistake(
            where=[part for part in (problem.source, str(problem.row or ""), problem.field) if part],
            what=problem.text(lang),
        )
        for problem in error.problems[:_MOST_PROBLEMS]
    ]


def _version(version: InventoryVersion, retired: datetime | None = None) -> job_models.InventoryRow:
    return rows.made(
        job_models.InventoryRow,
        {
            "name": version.name,
            "version": version.number,
            "made": json_data.iso(version.made),
            "who": version.who,
            "files": list(version.files),
            "digest": version.digest,
            "subjects": version.subjects,
            "retired": json_data.iso(retired),
        },
    )


def _file(name: str) -> job_models.InventoryRow:
    return rows.made(
        job_models.InventoryRow,
        {
            "name": name,
            "version": None,
            "made": None,
            "who": None,
            "files": [name],
            "digest": None,
            "subjects": None,
            "retired": None,
        },
    )


def _target(subject: Subject) -> job_models.TargetRow:
    return rows.made(
        job_models.TargetRow,
        {
            "id": subject.id,
            "kind": subject.kind.value,
            "name": subject.name,
            "agency": subject.agency,
            "network": subject.network.value,
            "host": subject.host,
            "addresses": [written(each) for each in subject.addresses],
        },
    )


def _waiver(kept_waiver: KeptWaiver) -> job_models.WaiverRowOut:
    row = kept_waiver.row
    return rows.made(
        job_models.WaiverRowOut,
        {
            "id": kept_waiver.key,
            "of": "agency" if row.subject is None else "subject",
            "whose": row.of,
            "check": row.check,
            "reason": row.reason,
            "owner": row.owner,
            "until": row.until.isoformat(),
            "made": json_data.iso(kept_waiver.made),
            "who": kept_waiver.who,
            "ended": json_data.iso(kept_waiver.ended),
            "ended_by": kept_waiver.ended_by or None,
            "in_force": kept_waiver.in_force(civil_day(datetime.now(UTC))),
        },
    )
