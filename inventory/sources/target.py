"""Parses one TARGET of the command line and recognises its form."""

from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from inventory.cells.names import NotAName, is_url, to_name
from inventory.cells.services import SERVICE_NAMES
from inventory.kinds import ROW_KINDS, default_services
from inventory.model import SERVICE_PORTS, WEB_KINDS, DeclaredFacts, IPAddress, Kind, Service, Subject, SubjectId
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition
from inventory.word_matching import nearest

CANDIDATES = frozenset({Kind.PORTAL, Kind.ZONE, Kind.MAIL})
LINE_LIMIT = 2000


class _Scheme(NamedTuple):
    kind: Kind
    service: str


_SCHEMES: Mapping[str, _Scheme] = {
    "http": _Scheme(Kind.PORTAL, "http"),
    "https": _Scheme(Kind.PORTAL, "https"),
    "smtp": _Scheme(Kind.HOST, "smtp"),
    "snmp": _Scheme(Kind.ROUTER, "snmp"),
    "ns": _Scheme(Kind.ZONE, "dns"),
}


_WEB: Mapping[str, str] = {"http": "http", "http-alt": "http", "https": "https", "https-alt": "https"}
"""The services of web sites, by the names under which a site is judged."""


class _Refused(Exception):
    """Raised for a target with a problem that is reported already."""


def read_target(text: str, kind: Kind | None, place: CellPosition) -> Subject | None:
    """Return the subject that a TARGET means; nothing, with a problem, when it is none."""
    try:
        return _subject(text, kind, place)
    except _Refused:
        return None


def _subject(text: str, kind: Kind | None, place: CellPosition) -> Subject:
    if kind is not None and kind not in ROW_KINDS:
        raise _refuse(text, place, "kind")
    if not text or len(text) > LINE_LIMIT or any(not letter.isprintable() or letter.isspace() for letter in text):
        raise _refuse(text, place, "letters" if text and len(text) <= LINE_LIMIT else "length")
    subject = _of_url(text, kind, place) if is_url(text) else _of_bare(text, kind, place)
    if subject.host is None and subject.kind in (Kind.ZONE, Kind.MAIL):
        place.report(Code.KIND_NEEDS_NAME, text, kind=subject.kind)
        raise _Refused
    return subject


def _refuse(text: str, place: CellPosition, why: str) -> _Refused:
    place.report(Code.NOT_A_TARGET, _without_credentials(text), why=why)
    return _Refused()


def _without_credentials(text: str) -> str:
    scheme, separator, rest = text.rpartition("://")
    return f"{scheme}{separator}…@{rest.rpartition('@')[2]}" if "@" in rest else text


def _address(text: str) -> IPAddress | None:
    try:
        return ip_address(text) if "%" not in text else None
    except ValueError:
        return None


def _of_bare(text: str, kind: Kind | None, place: CellPosition) -> Subject:
    address = _address(text)
    if address is not None:
        return _made(kind or Kind.HOST, str(address), address=address)
    if text.startswith("[") or text.count(":") == 1:
        return _with_port(text, kind, place)
    if "%" in text and _address(text.partition("%")[0]) is not None:
        raise _refuse(text, place, "zone")
    name = _name(text, kind, place, text)
    if kind is not None:
        return _made(kind, name, host=name)
    return replace(_made(Kind.PORTAL, name, host=name), candidates=CANDIDATES)


def _with_port(text: str, kind: Kind | None, place: CellPosition) -> Subject:
    """Return the subject of a target with a port.

    ``[2001:db8::1]:8443`` is a host with one service, and a web site where that is the web's; ``www.example.vn:8443``
    is a web site on one port.
    """
    parts = _split(f"//{text}", text, place)
    host, port = parts.hostname or "", parts.port
    if parts.path or parts.query or parts.fragment:
        raise _refuse(text, place, "path")
    address = _address(host)
    if address is not None and (port is not None or text.endswith("]")):
        web = _WEB.get(SERVICE_NAMES.get(port or 0, ""))
        services = (_service(port, "tcp"),) if port is not None else None
        label = f"[{address}]:{port}" if ":" in str(address) else f"{address}:{port}"
        made = _made(kind or Kind.HOST, label if port else str(address), address=address, services=services)
        if kind is not None or web is None or port is None:
            return made
        site = Service(name=web, port=port)  # the service that listens there is a web site, whatever kind the host has
        return replace(made, services=(site,), kinds=frozenset({Kind.HOST, Kind.PORTAL}))
    if port is None:
        raise _refuse(text, place, "zone" if "%" in host else "port")
    name = _name(host, kind, place, text)
    wanted, there = kind or Kind.PORTAL, _service(port, "https")
    if wanted in WEB_KINDS:  # the target is the site itself, not one beside a site on the usual port
        there = replace(there, name=_WEB.get(there.name, there.name))
    return _made(wanted, f"{name}:{port}", host=name, services=(there,))


def _service(port: int, unknown: str) -> Service:
    return Service(name=SERVICE_NAMES.get(port, unknown), port=port)


def _of_url(text: str, kind: Kind | None, place: CellPosition) -> Subject:
    scheme_text = text.partition("://")[0].lower()
    scheme = _SCHEMES.get(scheme_text)
    if scheme is None:
        close = nearest(scheme_text, _SCHEMES)
        known = " ".join(f"{each}://" for each in _SCHEMES)
        suggestion = f"{close}://{text.partition('://')[2]}" if close else ""
        place.report(Code.UNKNOWN_SCHEME, text, suggestion=suggestion, scheme=f"{scheme_text}://", known=known)
        raise _Refused
    parts = _split(text, text, place)
    is_web = scheme.kind in WEB_KINDS
    beyond = parts.path not in ("", "/") or bool(parts.query)
    if beyond and not is_web:
        raise _refuse(text, place, "path")
    wanted = kind or scheme.kind
    address = _address(parts.hostname or "")
    name = None if address is not None else _name(parts.hostname or "", wanted, place, text)
    port = SERVICE_PORTS[scheme.service] if parts.port is None else parts.port
    shown = _authority(name, address, None if parts.port is None else port)
    url = f"{scheme_text}://{shown}" + (parts.path + (f"?{parts.query}" if parts.query else "") if beyond else "")
    subject = _made(wanted, url, host=name, address=address, services=_services(scheme, port))
    return replace(subject, declared=DeclaredFacts(test_url=url)) if beyond else subject


def _services(scheme: _Scheme, port: int) -> tuple[Service, ...]:
    return (Service(name=scheme.service, port=port),)


def _authority(name: str | None, address: IPAddress | None, port: int | None) -> str:
    host = name or (f"[{address}]" if address is not None and address.version == 6 else str(address))
    return host if port is None else f"{host}:{port}"


def _split(url: str, text: str, place: CellPosition) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:  # only brackets
        raise _refuse(text, place, "brackets") from error
    try:
        port = parts.port
    except ValueError as error:
        raise _refuse(text, place, "port") from error
    if parts.username is not None or parts.password is not None:
        place.report(Code.TARGET_WITH_CREDENTIALS, _without_credentials(text))
        raise _Refused
    if port == 0:
        raise _refuse(text, place, "port")
    return parts


def _name(text: str, kind: Kind | None, place: CellPosition, target: str) -> str:
    try:
        return to_name(text, labels=1 if kind is Kind.ZONE else 2)
    except NotAName as error:
        raise _refuse(target, place, str(error)) from error


def _made(
    kind: Kind,
    label: str,
    *,
    host: str | None = None,
    address: IPAddress | None = None,
    services: tuple[Service, ...] | None = None,
) -> Subject:
    return Subject(
        id=SubjectId(label),
        kind=kind,
        kinds=frozenset({kind}),
        name=label,
        host=host,
        addresses=() if address is None else (address,),
        services=default_services(kind) if services is None else services,
    )
