"""Plans both phases of a subject: the names to look up, and the endpoints that their answers lead to.

Pure functions of a subject and its evidence. The endpoint list is the cross product of all IPv4 and IPv6 addresses and
all services; nothing here chooses one of IPv4 and IPv6.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_address

from inventory.model import (
    DEVICE_KINDS,
    HOST_KINDS,
    SERVICE_PORTS,
    WEB_KINDS,
    Clearance,
    Endpoint,
    IPAddress,
    Kind,
    Network,
    Service,
    Subject,
    SubjectId,
    written,
)
from probes.framework import clients
from probes.framework.evidence import Evidence, EvidenceSet
from probes.framework.tasks import DeviceTarget, Download, EndpointTask, GroupTask, NameTask, TslcdTarget, WebTarget
from probes.observations.dns import Delegation, LookupStatus, NameLookup
from probes.observations.transport import TcpConnect
from probes.wire.dns import svcb
from probes.wire.mail.spf.record import is_null
from probes.wire.web.urls import is_file

_WEB_SERVICES = tuple(
    Service(name=name, port=SERVICE_PORTS[name]) for name in ("http", "https", "http-alt", "https-alt")
)
_WEB_NAMES = frozenset(service.name for service in _WEB_SERVICES)
_DNS = Service(name="dns", port=53)
_SMTP = Service(name="smtp", port=25)
_RELAY = Service(name="smtp-relay", port=25)
_DERIVED = {Kind.ZONE: ("zone", _DNS), Kind.HOST: ("mx", _SMTP)}
_PREFERENCE = re.compile(r"[0-9]{1,5}")
_READ = frozenset({"A", "AAAA", "MX", "NS", "HTTPS", "SRV"})
HINT = "https-hint"
"""The service of an address that is only in the ipv6hint of an HTTPS record (RFC 9460 §7.3)."""
_SITES = frozenset({Kind.CONNECTION_POINT, Kind.DATACENTRE})
_TEN_SECONDS, _HALF = 10, 0.5
"""A test takes ten seconds and at most half of the channel's capacity in them (CHECKS tslcd.channel.capacity)."""
_HINT_PORTS = frozenset({443, 8443})  # a record must not choose the port that we dial
ADDRESSES_PROBED = 32
"""The number of addresses of one IP version probed for one subject."""
MX_TESTED = 10
"""The number of mail exchangers examined, the first by preference (CHECKS ipv6.mail.mx-aaaa)."""


def name_tasks(subject: Subject) -> tuple[NameTask, ...]:
    """Return the name look-ups of a subject; for a web site with only addresses, the reverse look-ups of those."""
    if subject.host is None:
        if not subject.addresses or not subject.kinds & WEB_KINDS:
            return ()
        return (NameTask(name=written(subject.addresses[0]), roles=frozenset(), nameless=subject.addresses),)
    kinds = subject.kinds | subject.candidates
    roles = {"host"} if kinds & HOST_KINDS else set()
    roles |= {"site"} if kinds & WEB_KINDS else set()
    roles |= {"zone"} if Kind.ZONE in kinds else set()
    roles |= {"mail"} if Kind.MAIL in kinds else set()
    if not roles:
        return ()
    senders = tuple(ip_address(text) for text in subject.tag_values("sender"))
    selectors = tuple(dict.fromkeys(subject.tag_values("dkim")))
    at_the_name = "mail" in roles and bool(clients.declared(subject)) and not subject.addresses
    return (
        NameTask(
            name=subject.host, roles=frozenset(roles), senders=senders, selectors=selectors, serves_clients=at_the_name
        ),
    )


def settle(subject: Subject, evidence: Iterable[Evidence]) -> Subject:
    """Return an ad-hoc name as the kinds of subject that its DNS shows; any other subject unchanged.

    It is a zone if a delegation ends at the name, a mail domain if it has an MX record, a web site if it has an
    address, and also a web site if it has nothing at all, so that this is reported.
    """
    if not subject.candidates:
        return subject
    found = EvidenceSet(evidence)
    kinds: set[Kind] = set()
    if any(cut.zone == subject.host and cut.failure is None for _, cut in found.of(Delegation)):
        kinds.add(Kind.ZONE)
    answered = {(look.role, look.status) for _, look in found.of(NameLookup)}
    if ("mx", LookupStatus.ANSWER) in answered:
        kinds.add(Kind.MAIL)
    if ("host", LookupStatus.ANSWER) in answered:
        kinds.add(subject.kind)
    kinds = kinds & subject.candidates or {subject.kind}
    first = next((kind for kind in (*sorted(WEB_KINDS), Kind.ZONE, Kind.MAIL) if kind in kinds), subject.kind)
    return replace(subject, kind=first, kinds=frozenset(kinds), candidates=frozenset())


def addresses(subject: Subject, evidence: Iterable[Evidence]) -> tuple[IPAddress, ...]:
    """Return every address of the subject itself: those that its name leads to, and declared ones.

    For a web site only the name counts; addresses in the inventory may be long out of date.
    """
    found = set(led_to(evidence))
    if subject.host is None or not subject.kinds & WEB_KINDS:
        found |= set(subject.addresses)
    return tuple(sorted(found, key=lambda a: (a.version, int(a))))


def led_to(evidence: Iterable[Evidence]) -> Iterator[IPAddress]:
    """Return the addresses that a subject's own name leads to."""
    for look in _lookups(evidence, "host"):
        yield from _addresses_of(look)


def expand(subject: Subject, evidence: Iterable[Evidence]) -> tuple[EndpointTask, ...]:
    """Return all endpoints to probe, addresses first. ``subject`` must be settled."""
    found = tuple(evidence)
    tasks: list[EndpointTask] = []
    if subject.kinds & HOST_KINDS:
        services = subject.services or (_WEB_SERVICES if subject.kinds & WEB_KINDS else ())
        for address in probed(addresses(subject, found)):
            tasks.append(_address_task(address, subject, services))
            tasks += [_service_task(address, subject, service) for service in services]
    if subject.kinds & WEB_KINDS:
        tasks += _hint_tasks(subject, found)
    if Kind.MAIL in subject.kinds and subject.clearance is Clearance.INTRUSIVE:
        tasks += _relay_tasks(subject, found)
    if Kind.MAIL in subject.kinds:
        known = {task.endpoint for task in tasks}
        tasks += [task for task in _client_tasks(subject, found) if task.endpoint not in known]
    if Kind.ZONE in subject.kinds:
        tasks += _name_server_tasks(subject, found)
    return tuple(tasks)


def client_addresses(subject: Subject, evidence: Iterable[Evidence], client: clients.Client) -> tuple[IPAddress, ...]:
    """Return the addresses of a mail client's server: declared ones of the row, else those of the host's name."""
    if client.declared and subject.addresses:
        return tuple(subject.addresses)
    looks = (look for look in _lookups(evidence, clients.HOST) if look.name == client.host)
    return tuple(dict.fromkeys(address for look in looks for address in _addresses_of(look)))


def _client_tasks(subject: Subject, evidence: tuple[Evidence, ...]) -> Iterator[EndpointTask]:
    """Yield one task for each address and port, however many names lead there."""
    found: dict[tuple[IPAddress, int], clients.Client] = {}
    for client in clients.everywhere(subject, _lookups(evidence, clients.SRV)):
        if client.dialled:
            for address in client_addresses(subject, evidence, client):
                found.setdefault((address, client.service.port), client)
    wanted = set(probed(tuple(sorted({address for address, _ in found}, key=lambda a: (a.version, int(a))))))
    for (address, port), client in found.items():
        if address in wanted:
            endpoint = Endpoint(address=address, port=port, name=client.host)
            yield EndpointTask(endpoint=endpoint, host=client.host, service=client.service, for_mail_clients=True)


def _hint_tasks(subject: Subject, evidence: Iterable[Evidence]) -> Iterator[EndpointTask]:
    """Yield tasks for hinted addresses that the subject's own name does not have; those are probed already."""
    known = {(address, 443) for address in addresses(subject, evidence)}
    bindings = [svcb.read(record) for look in _lookups(evidence, "https") for record in look.records]
    hinted = {
        (hint, binding.port)
        for binding in bindings
        if binding is not None and not binding.is_alias
        for hint in binding.hints
    }
    for address, port in sorted(hinted - known)[:ADDRESSES_PROBED]:
        if port in _HINT_PORTS:
            endpoint = Endpoint(address=address, port=port, name=subject.host)
            yield EndpointTask(endpoint=endpoint, host=subject.host, service=Service(name=HINT, port=port))


def groups(subject: Subject, evidence: Iterable[Evidence]) -> tuple[GroupTask, ...]:
    """Return the open endpoints of a web site's main service, HTTPS or else HTTP, as one group."""
    found = tuple(evidence)
    opened = {(step.address, step.port) for _, step in EvidenceSet(found).of(TcpConnect) if step.failure is None}
    tasks = [task for task in expand(subject, found) if (task.endpoint.address, task.endpoint.port) in opened]
    for name in ("https", "http"):
        chosen = [task for task in tasks if task.service is not None and task.service.name == name]
        service = chosen[0].service if chosen else None
        if service is not None and subject.kinds & WEB_KINDS:
            endpoints = tuple(task.endpoint for task in chosen if task.service == service)
            return (GroupTask(endpoints=endpoints, host=subject.host, service=service, web=_web_of(subject)),)
    return ()


def probed(found: tuple[IPAddress, ...]) -> Iterator[IPAddress]:
    """Yield the first addresses of each IP version; a name may have thousands, and the rest is reported, not probed."""
    for version in (4, 6):
        yield from [address for address in found if address.version == version][:ADDRESSES_PROBED]


def _address_task(address: IPAddress, subject: Subject, services: Iterable[Service]) -> EndpointTask:
    ports = frozenset(service.port for service in services if service.name in _WEB_NAMES)
    return EndpointTask(
        endpoint=Endpoint(address=address, name=subject.host),
        host=subject.host,
        web=replace(_web_of(subject), ports=ports),
        device=_device_of(subject) if subject.kinds & (DEVICE_KINDS | {Kind.CONNECTION_POINT}) else None,
        tslcd=_tslcd_of(subject),
    )


def _service_task(address: IPAddress, subject: Subject, service: Service) -> EndpointTask:
    return EndpointTask(
        endpoint=Endpoint(address=address, port=service.port, name=subject.host),
        host=subject.host,
        service=service,
        credentials=() if subject.snmp_profile is None else tuple(subject.snmp_profile.split(",")),
        web=_web_of(subject),
        device=_device_of(subject) if service.name == "snmp" else None,
        tslcd=_tslcd_of(subject),
    )


def _web_of(subject: Subject) -> WebTarget:
    url = subject.declared.test_url
    return WebTarget(object_url=url) if is_file(url) else WebTarget(page_url=url)


def _device_of(subject: Subject) -> DeviceTarget:
    return DeviceTarget(name=subject.id, uplinks=subject.tag_values("wan"), aggregates=subject.aggregates)


def _tslcd_of(subject: Subject) -> TslcdTarget | None:
    if subject.network is not Network.TSLCD:
        return None
    if subject.kinds & _SITES:
        return TslcdTarget(is_site=True, download=_download_of(subject))
    return TslcdTarget(is_site=False) if subject.kinds & WEB_KINDS else None


def _download_of(subject: Subject) -> Download | None:
    """Return the download that tests throughput; None if the row names no server or no bandwidth."""
    url, mbps = subject.declared.test_url, subject.declared.bandwidth_mbps
    if not url or not mbps:
        return None
    return Download(url=url, size=int(mbps * 1e6 / 8 * _TEN_SECONDS * _HALF))


def _name_server_tasks(subject: Subject, evidence: Iterable[Evidence]) -> Iterator[EndpointTask]:
    names: dict[IPAddress, str] = {}  # two names may share an address; it is probed once
    servers = {(address, look.name) for look in _lookups(evidence, "ns-address") for address in _addresses_of(look)}
    for address, name in sorted(servers, key=lambda pair: (pair[0].version, int(pair[0]), pair[1])):
        names.setdefault(address, name)
    for address in probed(tuple(names)):
        endpoint = Endpoint(address=address, port=53, name=names[address])
        yield EndpointTask(endpoint=endpoint, host=names[address], service=_DNS, zone=subject.host)


def is_own_exchanger(domain: str, exchanger: str, chain: Sequence[str] = ()) -> bool:
    """True if an exchanger and the names in its alias chain are within the domain.

    The authorisation of the domain's owner covers only such exchangers.
    """
    own = domain.lower().rstrip(".")
    names = [name.lower().rstrip(".") for name in (exchanger, *chain)]
    return all(name == own or name.endswith(f".{own}") for name in names)


def is_akin_exchanger(domain: str, exchanger: str) -> bool:
    """True if an exchanger seems to be the owner's: in the domain, or in its parent if that is no registry zone."""
    parent = domain.lower().rstrip(".").partition(".")[2]
    return is_own_exchanger(domain, exchanger) or (not is_registry_zone(parent) and is_own_exchanger(parent, exchanger))


def _relay_tasks(subject: Subject, evidence: tuple[Evidence, ...]) -> Iterator[EndpointTask]:
    """Yield the addresses of the domain's own exchangers; those of others are never tested, even if authorised."""
    domain, own = subject.host or "", dict[IPAddress, str]()
    for look in _lookups(evidence, "mx-address"):
        if is_own_exchanger(domain, look.name, look.chain):
            for address in _addresses_of(look):
                own.setdefault(address, look.name)
    for address in probed(tuple(sorted(own, key=lambda a: (a.version, int(a))))):
        endpoint = Endpoint(address=address, port=25, name=own[address])
        yield EndpointTask(endpoint=endpoint, host=own[address], service=_RELAY, mail_domain=domain)


def derive(subject: Subject, evidence: Iterable[Evidence]) -> tuple[Subject, ...]:
    """Return subjects that no row names: the zone that a host is in, and the mail exchangers of a domain.

    A zone that a registry runs (the root, a top-level domain, ``gov.vn``) belongs to no audited agency and is left out.
    """
    found = tuple(evidence)
    derived: list[Subject] = []
    if subject.kinds & WEB_KINDS:
        for _, cut in EvidenceSet(found).of(Delegation):
            own = cut.zone == subject.host and Kind.ZONE in subject.kinds  # already audited as a zone
            if cut.failure is None and not own and not is_registry_zone(cut.zone):
                derived.append(derived_subject(subject, Kind.ZONE, cut.zone))
    if Kind.MAIL in subject.kinds:
        hosts = mail_exchangers(found) or _implicit_exchanger(subject, found)
        derived += [derived_subject(subject, Kind.HOST, name) for name in hosts]
    return tuple(derived)


def _implicit_exchanger(subject: Subject, evidence: tuple[Evidence, ...]) -> tuple[str, ...]:
    """Return the domain itself if it has addresses, no MX record (RFC 5321 §5.1), and no SPF that rejects all mail."""
    looks = [look for _, look in EvidenceSet(evidence).of(NameLookup)]
    empty = {LookupStatus.NO_DATA, LookupStatus.NO_SUCH_NAME}
    without = any(look.role == "mx" and look.status in empty for look in looks)
    own = any(look.role in {"mx-address", "host"} and look.name == subject.host and look.records for look in looks)
    parked = any(look.role == "spf" and look.name == subject.host and is_null(look.records) for look in looks)
    return (subject.host,) if subject.host is not None and without and own and not parked else ()


def mail_exchangers(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """Return the names of the mail exchangers, best first; a Null MX (RFC 7505) gives none."""
    return mx_names(_lookups(evidence, "mx"))


def mx_names(looks: Iterable[NameLookup]) -> tuple[str, ...]:
    """Return the names of the first mail exchangers in MX answers, best first; a Null MX (RFC 7505) gives none."""
    pairs = []
    for look in looks:
        for record in look.records:
            preference, _, name = record.partition(" ")
            if _PREFERENCE.fullmatch(preference) and name not in {"", "."}:
                pairs.append((int(preference), name))
    return tuple(dict.fromkeys(name for _, name in sorted(pairs)))[:MX_TESTED]


def exchanger_addresses(evidence: Iterable[Evidence]) -> tuple[IPAddress, ...]:
    """Return the IPv4 and IPv6 addresses of a domain's mail exchangers."""
    found = {address for look in _lookups(evidence, "mx-address") for address in _addresses_of(look)}
    return tuple(sorted(found, key=lambda a: (a.version, int(a))))


_SECOND_LEVEL_VN = frozenset(
    ("gov", "com", "net", "org", "edu", "biz", "info", "name", "pro", "health", "ac", "int", "io", "ai", "id")
)


def is_registry_zone(zone: str) -> bool:
    """True if a registry and not an agency runs the zone."""
    labels = zone.strip(".").split(".")
    return len(labels) < 2 or (len(labels) == 2 and labels[1] == "vn" and labels[0] in _SECOND_LEVEL_VN)


def derived_subject(owner: Subject, kind: Kind, host: str) -> Subject:
    """Return the subject that ``owner`` leads to: a zone, or the host that takes its mail.

    Raise ValueError for any other kind.
    """
    if kind not in _DERIVED:
        raise ValueError(f"no subject of kind {kind} is derived")
    prefix, service = _DERIVED[kind]
    return Subject(
        id=SubjectId(f"{prefix}:{host}"),
        kind=kind,
        kinds=frozenset({kind}),
        agency=owner.agency,
        name=host,
        host=host,
        services=(service,),
        network=owner.network,
        expected=owner.expected,
        clearance=Clearance.NORMAL if owner.clearance is Clearance.INTRUSIVE else owner.clearance,
        derived_from=(owner.id,),
    )


def _addresses_of(look: NameLookup) -> Iterator[IPAddress]:
    """Yield the addresses among the records; invalid ones are evidence of a fault and cannot be dialled."""
    for text in look.records:
        try:
            address = ip_address(text)
        except ValueError:
            continue
        if "%" not in text:  # a zone index means nothing on this host
            yield address


def _lookups(evidence: Iterable[Evidence], role: str) -> Iterator[NameLookup]:
    for envelope in evidence:
        for step in envelope.steps:
            if isinstance(step, NameLookup) and step.role == role and step.rtype in _READ:
                yield step
