"""Reports the service's state for ``auditor doctor``: schedules, notices, accounts, logins, retention and the centre.

Only parts of the service that are configured or exist are reported. Nothing is sent except the requests that test
whether the OpenID provider and the centre answer.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.framework.localdate import civil_day
from auditor.framework.operator_problems import OperatorError
from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.keys import UnusableKey
from auditor.service.accounts.keys import place as key_place
from auditor.service.accounts.model import Role
from auditor.service.cli.commands.diagnosis.configuration_diagnosis import DoctorLine
from auditor.service.cli.commands.measuring.worker import centre_of
from auditor.service.cli.commands.service import log
from auditor.service.cli.neighbour_warning import too_many_neighbours
from auditor.service.cli.words import ui
from auditor.service.config.model import Config
from auditor.service.inventories.named_inventory import is_kept
from auditor.service.notify.model import Chat, MailRecipient, Webhook
from auditor.service.notify.settings import setting as notify
from auditor.service.pipeline.credentials.credentials import environment
from auditor.service.runs.audit_log import check_log
from auditor.service.scheduler.schedules import Schedule, schedules
from auditor.service.store.api import DatabaseStore
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import StoreError
from auditor.service.store.sql.jobs import metric_rows, notice_rows
from auditor.service.store.url import beside, file_of, is_file, open_store
from auditor.service.web.security.host_names import HostNames
from auditor.service.web.security.oidc import IdentityNotConfirmed, Provider, of_config
from auditor.service.web.security.service_keys import keys_of
from auditor.service.worker.centre import Declined, Unreachable
from inventory.model import AgencyId

_LOOKED_AT = 10
"""Number of the latest runs from which inventories are searched for units."""
_LATELY = timedelta(days=30)


def of_service(config: Config) -> Iterator[DoctorLine]:
    """Yield every line about the service; a store that cannot be opened is reported as a line."""
    try:
        if not is_file(config.store) or file_of(config.store).is_file():
            with open_store(config.store, create=False) as store:
                yield from _database(config, store)
                yield from _accounts(config, store)
                yield from _ended_agencies(config, store)
                yield from _dated_ahead(store)
                yield from _audit_log(store)
                yield from _neighbours(store)
                yield from _unsent(store)
                yield from _schedules(config, store.inventories())
        else:
            yield from _schedules(config, ())
    except StoreError as error:
        yield DoctorLine(good=False, text=ui(error.template, **error.args_by_name))
    yield from _notices(config)
    yield from _openid(config)
    if config.retention.evidence_days:
        days = config.retention.evidence_days
        text = ui(
            "evidence of runs that are not sealed is kept for {days:n} {days/day/days}, findings for ever", days=days
        )
        yield DoctorLine(good=None, text=text)
    if config.metrics.allow:
        where = ", ".join(map(str, config.metrics.allow))
        yield DoctorLine(good=None, text=ui("/metrics is read without a token from {prefixes}", prefixes=where))


def _database(config: Config, store: DatabaseStore) -> Iterator[DoctorLine]:
    """Yield the name and size of the database, if the store is in a database server."""
    if is_file(config.store):
        return
    with store.database.reading() as connection:
        size = metric_rows.size(connection)
    yield DoctorLine(
        good=True,
        text=ui("the store is the database {store}, {size:n} MB", store=store.database.name, size=round(size / 1e6, 1)),
    )


def _accounts(config: Config, store: DatabaseStore) -> Iterator[DoctorLine]:
    active = [account for account in Accounts(store.database).all() if not account.disabled]
    if not active:
        return
    yield DoctorLine(good=True, text=ui("{accounts:n} {accounts/account/accounts} of the pages", accounts=len(active)))
    yield from _names(config)
    if any(account.second_factor for account in active):
        yield from _keys(config)
    bare = [account.name for account in active if account.role is Role.ADMIN and not account.second_factor]
    if bare:
        yield DoctorLine(good=None, text=ui("administrators without a second factor: {names}", names=", ".join(bare)))


def _ended_agencies(config: Config, store: DatabaseStore) -> Iterator[DoctorLine]:
    """Yield accounts and recipients of notices bound to an agency that is no longer in force, as after a merger.

    Such an account sees nothing, and such a recipient gets no notices.
    """
    notify = config.notify
    bound = {account.name: account.agency for account in Accounts(store.database).all() if not account.disabled}
    for kind, some in (("recipients", notify.recipients), ("webhooks", notify.webhooks), ("chats", notify.chats)):
        bound |= {f"notify.{kind}.{name}": AgencyId(section.agency) for name, section in some.items() if section.agency}
    known = _agencies(store) if any(bound.values()) else frozenset()
    for name, agency in bound.items():
        if known and agency is not None and agency not in known:
            text = ui(
                "{name} is bound to {agency}, which is no unit in force of any inventory", name=name, agency=agency
            )
            yield DoctorLine(good=None, text=text)


def _agencies(store: DatabaseStore) -> frozenset[AgencyId]:
    """Return the units in force in the kept inventories and in those of the last runs, which may be files."""
    day, stock = civil_day(datetime.now(UTC)), Inventories(store.database)
    digests = [version.digest for version in stock.latest()] + [run.inventory for run in store.runs()[-_LOOKED_AT:]]
    read = (stock.of(digest).organisation.units_in_force(day) for digest in dict.fromkeys(digests))
    return frozenset(unit.code for units in read for unit in units)


def _dated_ahead(store: DatabaseStore) -> Iterator[DoctorLine]:
    """Yield the runs that were made while the clock was ahead, which explains why they do not count as the latest."""
    for run in store.runs():
        if run.started > datetime.now(UTC):
            text = ui(
                "run {run} is dated {when:datetime}, later than now: the clock was ahead when it was made; it stands"
                " for nothing while there is another",
                run=run.id,
                when=run.started.isoformat(),
            )
            yield DoctorLine(good=None, text=text)


def _audit_log(store: DatabaseStore) -> Iterator[DoctorLine]:
    found = check_log(store)
    if found.chain.lines and found.holds:
        yield DoctorLine(good=True, text=log.holds(found))
    for said in log.problems(found):
        yield DoctorLine(good=False, text=said)


def _neighbours(store: DatabaseStore) -> Iterator[DoctorLine]:
    """Yield the kept inventories with more hosts in this machine's own networks than its kernel has room for."""
    stock = Inventories(store.database)
    for version in stock.latest():
        for text in too_many_neighbours(stock.of(version.digest)):
            yield DoctorLine(good=None, text=f"{version.name}: {text}")


def _names(config: Config) -> Iterator[DoctorLine]:
    """Yield the names under which the pages answer; a request that a proxy passes on under another name is refused."""
    others = sorted(HostNames(config).names)
    if others:
        yield DoctorLine(good=True, text=ui("the pages answer under: {names}", names=", ".join(["localhost", *others])))
    else:
        text = ui(
            "the pages answer only under localhost: behind a proxy, add the name that browsers use to names in [serve]"
        )
        yield DoctorLine(good=None, text=text)


def _keys(config: Config) -> Iterator[DoctorLine]:
    """Yield the location of the keys that encrypt second factors; a backup needs them in a separate place."""
    try:
        keys_of(config, environment())
    except OperatorError as error:
        yield from _wrong(error)
        return
    except UnusableKey as error:
        yield DoctorLine(good=False, text=f"serve.keys: {ui('the keys cannot be read: {why}', why=str(error))}")
        return
    where = config.serve.keys or str(key_place(beside(config.store), environment()))
    yield DoctorLine(
        good=None,
        text=ui(
            "second factors are encrypted with the keys in {place}: back them up apart from the store", place=where
        ),
    )


def _schedules(config: Config, kept: tuple[str, ...]) -> Iterator[DoctorLine]:
    try:
        known = schedules(config)
    except OperatorError as error:
        yield from _wrong(error)
        return
    for schedule in known:
        yield _schedule(schedule, kept)


def _schedule(schedule: Schedule, kept: tuple[str, ...]) -> DoctorLine:
    inventory, now = schedule.wanted.inventory, datetime.now(UTC)
    there = inventory in kept if is_kept([inventory]) else Path(inventory).is_file()
    if not there:
        text = ui("schedule {name}: there is no inventory '{inventory}'", name=schedule.name, inventory=inventory)
        return DoctorLine(good=False, text=text)
    coming = schedule.table.upcoming(now, now, 1)
    if not coming:
        return DoctorLine(good=False, text=ui("schedule {name}: nothing begins within a year", name=schedule.name))
    begins = coming[0][1].isoformat()
    text = ui("schedule {name}: begins next {when:datetime}", name=schedule.name, when=begins)
    return DoctorLine(good=True, text=text)


def _notices(config: Config) -> Iterator[DoctorLine]:
    try:
        channels = notify(config, environment()).channels
    except OperatorError as error:
        yield from _wrong(error)
        return
    if channels:
        of = {kind: sum(isinstance(channel, kind) for channel in channels) for kind in (MailRecipient, Webhook, Chat)}
        text = ui(
            "notices: {mails:n} {mails/person/people} by mail, {webhooks:n} {webhooks/webhook/webhooks}, {chats:n}"
            " {chats/chat/chats}",
            mails=of[MailRecipient],
            webhooks=of[Webhook],
            chats=of[Chat],
        )
        yield DoctorLine(good=True, text=text)


def _unsent(store: DatabaseStore) -> Iterator[DoctorLine]:
    """Yield the channels with notices that were given up or are being retried: their recipients are not informed."""
    with store.database.reading() as connection:
        found = notice_rows.unsent(connection, datetime.now(UTC) - _LATELY)
    given_up, failing = (
        [f"{channel} ({number})" for channel, state, number in found if state == wanted]
        for wanted in (notice_rows.GIVEN_UP, notice_rows.WAITING)
    )
    if given_up:
        days = _LATELY.days
        text = ui(
            "notices given up in the last {days:n} {days/day/days}: {channels:list}", days=days, channels=given_up
        )
        yield DoctorLine(good=False, text=text)
    if failing:
        text = ui("notices that did not arrive yet and are sent again: {channels:list}", channels=failing)
        yield DoctorLine(good=None, text=text)


def _openid(config: Config) -> Iterator[DoctorLine]:
    try:
        provider = of_config(config, environment())
    except OperatorError as error:
        yield from _wrong(error)
        return
    if provider is not None and config.oidc is not None:
        yield asyncio.run(_asked(provider, config.oidc.issuer))


async def _asked(provider: Provider, issuer: str) -> DoctorLine:
    try:
        await provider.leave()
    except IdentityNotConfirmed as error:
        text = ui("OpenID: {issuer} does not answer as it must ({why})", issuer=issuer, why=str(error))
        return DoctorLine(good=False, text=text)
    return DoctorLine(good=True, text=ui("OpenID: {issuer} answers", issuer=issuer))


def of_centre(config: Config) -> Iterator[DoctorLine]:
    """Ask the centre of a worker whether it accepts the worker's token; yield nothing if no centre is configured."""
    if not config.worker.centre:
        return
    try:
        asyncio.run(_ask_centre(config))
    except OperatorError as error:
        yield from _wrong(error)
    except (Unreachable, Declined) as error:
        text = ui("the centre {centre} cannot be used: {why}", centre=config.worker.centre, why=str(error))
        yield DoctorLine(good=False, text=text)
    else:
        text = ui("the centre {centre} answers and takes the token", centre=config.worker.centre)
        yield DoctorLine(good=True, text=text)


async def _ask_centre(config: Config) -> None:
    """Deliver an empty set of samples, which takes a valid certificate, token and vantage and changes nothing."""
    async with centre_of(config) as centre:
        await centre.deliver_samples(b"")


def _wrong(error: OperatorError) -> Iterator[DoctorLine]:
    return (DoctorLine(good=False, text=problem.worded(ui)) for problem in error.problems)
