"""Makes golden cases of ``security.snmp.*``."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.observations.snmp import (
    SnmpAccess,
    SnmpAttempt,
    SnmpCommunity,
    SnmpDiscovery,
    SnmpGroup,
    SnmpLevel,
    SnmpSession,
    SnmpUser,
)
from probes.observations.transport import UdpPortTest
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_device import CONTROLS, unread
from tests.golden.lab_snmp import MANAGED, V6, router

DUAL = router(MANAGED, V6)
OWNED = replace(DUAL, clearance=Clearance.INTRUSIVE)
USM = SnmpGroup(3, 3, 1, ("1",))
SHA_256, SHA_1, MD5 = (f"1.3.6.1.6.3.10.1.1.{number}" for number in (5, 3, 2))
AES, DES = "1.3.6.1.6.3.10.1.2.4", "1.3.6.1.6.3.10.1.2.2"
OWN = SnmpUser("kiemtra", SHA_256, AES)
BOTH_LEVELS = ("noAuthNoPriv", "authNoPriv")
TRIES = tuple((version, word) for version in ("2c", "1") for word in ("public", "private"))


def _of(address: str, probe: str, *steps: Observation) -> Evidence:
    return lab.evidence(probe, *steps, task=f"{address}#161", endpoint=lab.at(address, 161, None))


def _closed(failure: FailureKind) -> UdpPortTest:
    return UdpPortTest(address=ip_address(MANAGED), port=33_533, failure=Failure(kind=failure))


def session(version: str = "3", auth: str = "sha256", priv: str = "aes128", address: str = MANAGED) -> SnmpSession:
    profile = "core" if version == "3" else "legacy"
    return SnmpSession(
        address=ip_address(address),
        port=161,
        engine="gufo",
        attempts=(SnmpAttempt(profile, version),),
        profile=profile,
        version=version,
        auth=auth if version == "3" else "",
        priv=priv if version == "3" else "",
    )


def access(
    *groups: SnmpGroup, users: tuple[SnmpUser, ...] | None = (OWN,), failure: FailureKind | None = None
) -> SnmpAccess:
    return SnmpAccess(
        address=ip_address(MANAGED),
        port=161,
        profile="core",
        groups=groups or None,
        users=users,
        failure=lab.why(failure),
    )


def level(name: str, *, accepted: bool = False, failure: FailureKind | None = None) -> SnmpLevel:
    return SnmpLevel(
        address=ip_address(MANAGED), port=161, profile="core", level=name, accepted=accepted, failure=lab.why(failure)
    )


REFUSES = tuple(map(level, BOTH_LEVELS))


def community(
    version: str,
    word: str = "",
    *,
    profile: str = "",
    answered: str | None = None,
    failure: FailureKind | None = None,
    address: str = MANAGED,
) -> SnmpCommunity:
    return SnmpCommunity(
        address=ip_address(address),
        port=161,
        version=version,
        community=word,
        profile=profile,
        answered=answered,
        failure=lab.why(failure),
    )


def polled(*steps: Observation) -> Evidence:
    return _of(MANAGED, "snmp_security", *(steps if isinstance(steps[0], SnmpSession) else (session(), *steps)))


def found(address: str, failure: FailureKind | None = None) -> Evidence:
    """Return the result of SNMP discovery."""
    engine = None if failure else b"\x80\x00\x1f\x88\x04son-lam"
    report = None if failure else "1.3.6.1.6.3.15.1.1.4.0"
    step = SnmpDiscovery(
        address=ip_address(address), port=161, engine_id=engine, report=report, failure=lab.why(failure)
    )
    return _of(address, "snmp_exposure", step)


def defaults(address: str, *taken: tuple[str, str, str], failure: FailureKind = lab.TIMEOUT) -> Evidence:
    """Return the four questions, up to the first that was answered: (version, community, how)."""
    steps = []
    for version, word in TRIES:
        answered = next((how for v, w, how in taken if (v, w) == (version, word)), None)
        missing = None if answered else failure
        steps.append(community(version, word, answered=answered, failure=missing, address=address))
        if answered or failure is lab.REFUSED:
            break
    return _of(address, "snmp_defaults", *steps)


def nobody(check: str, subject: Subject) -> Iterator[Case]:
    """Yield the cases of both unauthenticated-access checks with no address to ask, or no answer that counts."""
    case = partial(Case, check=check, controls=CONTROLS, clearance=subject.clearance)
    yield case(
        code="NOT_MANAGED",
        about="The row names services, and SNMP is not among them.",
        subject=replace(subject, services=lab.services(("ssh", 22))),
        evidence=(),
        expect=(("NOT_MANAGED", None),),
    )
    yield case(
        code="NO_ADDRESS",
        about="A row with a name that leads nowhere.",
        subject=replace(subject, addresses=(), host="rt.tinh-a.example"),
        evidence=(lab.names((), (), name="rt.tinh-a.example"), found(lab.V4)),
        expect=(("NO_ADDRESS", None),),
    )
    yield replace(
        case(
            code="NOT_DECIDED",
            trap="T5",
            about="Silence, and nothing showed that UDP port 161 leaves the vantage.",
            subject=subject,
            evidence=(found(MANAGED, lab.TIMEOUT), defaults(MANAGED), found(V6, lab.TIMEOUT), defaults(V6)),
            expect=(("NOT_DECIDED", MANAGED), ("NOT_DECIDED", V6)),
        ),
        controls=tuple(one for one in CONTROLS if one != "udp/161"),
    )


def default_community() -> Iterator[Case]:
    check = "security.snmp.default-community"
    yield from nobody(check, OWNED)
    case = partial(Case, check=check, subject=OWNED, controls=CONTROLS, clearance=Clearance.INTRUSIVE)
    quiet = (found(V6, lab.TIMEOUT), defaults(V6))
    yield case(
        code="NONE",
        about="Neither public nor private brings anything; SNMP answers elsewhere from here.",
        evidence=(found(MANAGED), defaults(MANAGED), *quiet),
        expect=(("NONE", MANAGED), ("NONE", V6)),
    )
    yield case(
        code="ACCEPTED",
        about="public brings sysUpTime over version 2c, over IPv4 alone.",
        evidence=(found(MANAGED), defaults(MANAGED, ("2c", "public", "value")), *quiet),
        expect=(("ACCEPTED", MANAGED), ("NONE", V6)),
    )
    yield case(
        code="ACCEPTED",
        variant="v1-restricted",
        about="private over version 1 shows no sysUpTime, but GETNEXT brings an object: it is taken all the same.",
        evidence=(found(MANAGED), defaults(MANAGED, ("1", "private", "other")), *quiet),
        expect=(("ACCEPTED", MANAGED), ("NONE", V6)),
    )
    point = replace(OWNED, kind=Kind.CONNECTION_POINT, kinds=frozenset({Kind.CONNECTION_POINT, Kind.ROUTER}))
    yield case(
        code="ACCEPTED",
        variant="connection-point",
        about="The router that stands in a commune has no row of its own: it is what the point's row describes.",
        subject=point,
        evidence=(found(MANAGED), defaults(MANAGED, ("2c", "public", "value")), *quiet),
        expect=(("ACCEPTED", MANAGED), ("NONE", V6)),
    )
    yield case(
        code="LIMITED",
        about="The same from a vantage that manages the device, which its access list lets in.",
        evidence=(polled(access(USM)), found(MANAGED), defaults(MANAGED, ("2c", "public", "other")), *quiet),
        expect=(("LIMITED", MANAGED), ("NONE", V6)),
    )
    yield case(
        code="NO_VALUE",
        trap="S1",
        about="noSuchInstance to every question: some agents say so to whatever community.",
        evidence=(found(MANAGED), defaults(MANAGED, ("2c", "public", "empty")), *quiet),
        expect=(("NO_VALUE", MANAGED), ("NONE", V6)),
    )
    yield case(
        code="CLOSED",
        trap="S2",
        about="The host itself says that nothing listens on UDP port 161, to discovery too.",
        evidence=(found(MANAGED, lab.REFUSED), defaults(MANAGED, failure=lab.REFUSED), *quiet),
        expect=(("CLOSED", MANAGED), ("NONE", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="cut",
        trap="R3",
        about="The questions were cut short by us after the first.",
        evidence=(
            found(MANAGED),
            _of(MANAGED, "snmp_defaults", community("2c", "public", failure=lab.TIMEOUT)),
            *quiet,
        ),
        expect=(("NOT_DECIDED", MANAGED), ("NONE", V6)),
    )


def exposed() -> Iterator[Case]:
    check = "security.snmp.exposed"
    yield from nobody(check, DUAL)
    case = partial(Case, check=check, subject=DUAL, controls=CONTROLS)
    yield case(
        code="NO_ANSWER",
        about="Filtered over IPv4, and over IPv6 the device says that nothing listens.",
        evidence=(found(MANAGED, lab.TIMEOUT), found(V6, lab.REFUSED)),
        expect=(("NO_ANSWER", MANAGED), ("NO_ANSWER", V6)),
    )
    yield case(
        code="EXPOSED",
        about="The agent answers discovery over both families to somebody whose credentials it does not take.",
        evidence=(found(MANAGED), found(V6)),
        expect=(("EXPOSED", MANAGED), ("EXPOSED", V6)),
    )
    yield case(
        code="EXPOSED",
        variant="community",
        about="Discovery was lost, but public brought a value.",
        subject=OWNED,
        clearance=Clearance.INTRUSIVE,
        evidence=(
            found(MANAGED, lab.TIMEOUT),
            defaults(MANAGED, ("2c", "public", "value")),
            found(V6, lab.TIMEOUT),
            defaults(V6),
        ),
        expect=(("EXPOSED", MANAGED), ("NO_ANSWER", V6)),
    )
    yield case(
        code="ONLY_IPV6",
        about="The device is alive over IPv4 and holds SNMP back there; over IPv6 everybody gets an answer.",
        evidence=(found(MANAGED, lab.TIMEOUT), lab.tcp(MANAGED, 22), found(V6)),
        expect=(("NO_ANSWER", MANAGED), ("ONLY_IPV6", V6)),
    )
    yield case(
        code="ONLY_IPV6",
        variant="managed",
        about="A vantage that manages the device over IPv6 is held back over IPv4: there is a list, which IPv6"
        " has not got.",
        evidence=(
            found(MANAGED, lab.TIMEOUT),
            lab.tcp(MANAGED, 22, lab.REFUSED),
            found(V6),
            _of(V6, "snmp_security", session(address=V6)),
        ),
        expect=(("NO_ANSWER", MANAGED), ("ONLY_IPV6", V6)),
    )
    yield case(
        code="MANAGED_FROM_HERE",
        variant="over-both",
        about="It took our credentials over both families: that discovery got no answer over IPv4 is no list.",
        evidence=(
            found(MANAGED, lab.TIMEOUT),
            _of(MANAGED, "snmp_security", session(address=MANAGED)),
            found(V6),
            _of(V6, "snmp_security", session(address=V6)),
            lab.tcp(MANAGED, 22, lab.REFUSED),
        ),
        expect=(("NO_ANSWER", MANAGED), ("MANAGED_FROM_HERE", V6)),
    )
    over_v6 = (found(V6), _of(V6, "snmp_security", session(address=V6)))
    refusing = replace(session(address=MANAGED), profile=None, version=None, failure=Failure(kind=lab.REFUSED))
    for code, variant, about, probe, step in (
        (
            "MANAGED_FROM_HERE",
            "over-ipv6-alone",
            "Its agent listens over IPv6 alone: over IPv4 the port was refused once, before its ICMP errors ran out.",
            "snmp_security",
            refusing,
        ),
        (
            "MANAGED_FROM_HERE",
            "without-icmp-errors",
            "Over IPv4 it refuses no closed port of UDP at all: the silence of this one shows no list.",
            "icmp_errors",
            _closed(lab.TIMEOUT),
        ),
        (
            "ONLY_IPV6",
            "other-ports-refused",
            "Over IPv4 it refuses another port of UDP, and drops what is sent to this one.",
            "icmp_errors",
            _closed(lab.REFUSED),
        ),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(
                found(MANAGED, lab.TIMEOUT),
                _of(MANAGED, probe, step),
                lab.tcp(MANAGED, 22, lab.REFUSED),
                *over_v6,
            ),
            expect=(("NO_ANSWER", MANAGED), (code, V6)),
        )
    yield case(
        code="EXPOSED",
        variant="lossy-line",
        about="The line over IPv4 loses echo requests too: discovery may have been lost there by chance.",
        evidence=(found(MANAGED, lab.TIMEOUT), lab.tcp(MANAGED, 22), lab.echo(MANAGED, 8, 10), found(V6)),
        expect=(("NO_ANSWER", MANAGED), ("EXPOSED", V6)),
    )
    yield case(
        code="ONLY_IPV6",
        variant="told",
        about="A filter said over IPv4 that it lets nothing through: that is no lost packet, however lossy the line.",
        evidence=(found(MANAGED, FailureKind.PROHIBITED), lab.tcp(MANAGED, 22), lab.echo(MANAGED, 8, 10), found(V6)),
        expect=(("NO_ANSWER", MANAGED), ("ONLY_IPV6", V6)),
    )
    yield case(
        code="MANAGED_FROM_HERE",
        about="The device took our credentials here: its access list lets us in, and what others meet is not seen.",
        evidence=(polled(access(USM)), found(MANAGED), found(V6, lab.TIMEOUT)),
        expect=(("MANAGED_FROM_HERE", MANAGED), ("NO_ANSWER", V6)),
    )
    trial = replace(refusing, address=ip_address(V6), failure=Failure(kind=lab.TIMEOUT))
    silent = SnmpAttempt("core", "3", failure=Failure(kind=lab.TIMEOUT))
    for code, variant, about, attempt in (
        (
            "NOT_DECIDED",
            "trial-lost",
            "Over IPv6 nothing answered the user that it takes over IPv4, in an outage.",
            silent,
        ),
        (
            "EXPOSED",
            "rejected",
            "Over IPv6 it rejects the user that it takes over IPv4.",
            replace(silent, rejected=True),
        ),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(
                polled(access(USM)),
                found(MANAGED),
                found(V6),
                _of(V6, "snmp_security", replace(trial, attempts=(attempt,))),
            ),
            expect=(("MANAGED_FROM_HERE", MANAGED), (code, V6)),
        )
    yield case(
        code="REACHED_INSIDE",
        about="A device of the TSLCD, from inside it: a stranger there gets a Report.",
        subject=replace(DUAL, network=Network.TSLCD),
        networks=frozenset({Network.TSLCD}),
        evidence=(found(MANAGED), found(V6, lab.TIMEOUT)),
        expect=(("REACHED_INSIDE", MANAGED), ("NO_ANSWER", V6)),
    )
    yield case(
        code="EXPOSED",
        variant="tslcd-from-internet",
        about="The same device, from the Internet.",
        subject=replace(DUAL, network=Network.TSLCD),
        evidence=(found(MANAGED), found(V6, lab.TIMEOUT)),
        expect=(("EXPOSED", MANAGED), ("NO_ANSWER", V6)),
    )


def v1v2_off() -> Iterator[Case]:
    check = "security.snmp.v1v2-off"
    yield from unread(check, _of(MANAGED, "snmp", session()))
    case = partial(Case, check=check, subject=DUAL, controls=CONTROLS)
    silent = community("2c", profile="legacy", answered="silent")
    yield case(
        code="OFF",
        about="The configured community brought silence while the device answered by version 3; no table shows more.",
        evidence=(polled(access(USM), silent),),
        expect=(("OFF", None),),
    )
    yield case(
        code="NOT_CONFIGURED",
        about="No community to try; the tables show groups of version 3 alone.",
        evidence=(polled(access(USM)),),
        expect=(("NOT_CONFIGURED", None),),
    )
    yield case(
        code="ANSWERS",
        about="The configured community still works beside version 3.",
        evidence=(polled(access(USM), community("2c", profile="legacy", answered="value")),),
        expect=(("ANSWERS", None),),
    )
    yield case(
        code="ANSWERS",
        variant="session",
        about="The device is read by its community.",
        evidence=(polled(session("2c"), access(SnmpGroup(2, 1, 1, ("1",)), users=None)),),
        expect=(("ANSWERS", None),),
    )
    yield case(
        code="ANSWERS",
        variant="end-is-past",
        about="The declared end of the migration has passed.",
        subject=replace(DUAL, tags=("snmp-v2c-until=2026-03-01",)),
        evidence=(polled(session("2c"), access(users=None)),),
        expect=(("ANSWERS", None),),
    )
    yield case(
        code="MIGRATING",
        variant="last-day",
        about="The declared end is today.",
        subject=replace(DUAL, tags=("snmp-v2c-until=2026-03-02",)),
        evidence=(polled(session("2c"), access(users=None)),),
        expect=(("MIGRATING", None),),
    )
    yield case(
        code="MIGRATING",
        about="The owner declared when v2c ends, and it is read-only.",
        subject=replace(DUAL, tags=("snmp-v2c-until=2027-06-30",)),
        evidence=(polled(session("2c"), access(SnmpGroup(2, 1, 1, ("1",)), users=None)),),
        expect=(("MIGRATING", None),),
    )
    yield case(
        code="CONFIGURED",
        about="What was tried is silent, but a group is still open to both versions.",
        evidence=(polled(access(USM, SnmpGroup(1, 1, 1, ("1",)), SnmpGroup(2, 1, 1, ("1",))), silent),),
        expect=(("CONFIGURED", None),),
    )
    yield case(
        code="READ_WRITE",
        about="A group of v2c has a write view, whatever was declared.",
        subject=replace(DUAL, tags=("snmp-v2c-until=2027-06-30",)),
        evidence=(polled(access(USM, SnmpGroup(2, 1, 1, ("1",), ("1",))), silent),),
        expect=(("READ_WRITE", None),),
    )
    yield case(
        code="READ_WRITE",
        variant="version-1",
        about="A group of version 1 has a write view.",
        evidence=(polled(access(USM, SnmpGroup(1, 1, 1, ("1",), ("1",))), silent),),
        expect=(("READ_WRITE", None),),
    )
    yield case(
        code="NOT_TRIED",
        about="No table is shown and no community is known.",
        evidence=(polled(access(users=None)),),
        expect=(("NOT_TRIED", None),),
    )


def v3() -> Iterator[Case]:
    check = "security.snmp.v3"
    yield from unread(check, _of(MANAGED, "snmp", session()))
    case = partial(Case, check=check, subject=DUAL, controls=CONTROLS)
    yield case(
        code="STRONG",
        about="SHA-256 and AES-128, and the user is refused with less.",
        evidence=(polled(access(USM), *REFUSES),),
        expect=(("STRONG", None),),
    )
    yield case(
        code="SHA_1",
        about="The same with SHA-1, of another user in the table.",
        evidence=(polled(access(USM, users=(OWN, SnmpUser("noc", SHA_1, AES))), *REFUSES),),
        expect=(("SHA_1", None),),
    )
    yield case(
        code="SHA_1",
        variant="own",
        about="Our own user has SHA-1; the table is not shown.",
        evidence=(polled(session(auth="sha1"), access(users=None), *REFUSES),),
        expect=(("SHA_1", None),),
    )
    yield case(
        code="WEAK",
        about="A user of the table has MD5 and DES.",
        evidence=(polled(access(USM, users=(OWN, SnmpUser("cu", MD5, DES))), *REFUSES),),
        expect=(("WEAK", None),),
    )
    yield case(
        code="WEAK",
        variant="own",
        about="Our own profile has DES.",
        evidence=(polled(session(priv="des"), access(users=None), *REFUSES),),
        expect=(("WEAK", None),),
    )
    yield case(
        code="LOWER_LEVEL",
        about="The user gets values with authentication alone.",
        evidence=(polled(access(USM), REFUSES[0], level("authNoPriv", accepted=True)),),
        expect=(("LOWER_LEVEL", None),),
    )
    yield case(
        code="LOWER_LEVEL",
        variant="profile",
        about="The profile itself has neither authentication nor privacy.",
        evidence=(polled(session(auth="", priv=""), access(users=None)),),
        expect=(("LOWER_LEVEL", None),),
    )
    yield case(
        code="NOT_READ",
        variant="levels",
        about="Whether less is refused was not answered.",
        evidence=(polled(access(USM), REFUSES[0], level("authNoPriv", failure=lab.TIMEOUT)),),
        expect=(("NOT_READ", None),),
    )
    yield case(
        code="NO_PROFILE",
        about="Read by a community; no user was there to try.",
        evidence=(polled(session("2c"), access(users=None)),),
        expect=(("NO_PROFILE", None),),
    )


def write_access() -> Iterator[Case]:
    check = "security.snmp.write-access"
    yield from unread(check, _of(MANAGED, "snmp", session()))
    case = partial(Case, check=check, subject=DUAL, controls=CONTROLS)
    yield case(
        code="NONE",
        about="One group, which may read all and write nothing; another that may write has no member.",
        evidence=(polled(access(USM, SnmpGroup(3, 3, 0, ("1",), ("1",)))),),
        expect=(("NONE", None),),
    )
    yield case(
        code="WRITABLE",
        about="A group of v2c may write everything.",
        evidence=(polled(access(USM, SnmpGroup(2, 1, 1, ("1",), ("1",)))),),
        expect=(("WRITABLE", None),),
    )
    yield case(
        code="WRITABLE",
        variant="internet",
        about="A user of version 3 with all security may write below internet.",
        evidence=(polled(access(SnmpGroup(3, 3, 1, ("1",), ("1.3.6.1",)))),),
        expect=(("WRITABLE", None),),
    )
    yield case(
        code="WRITABLE",
        variant="without-privacy",
        about="One subtree, but without privacy.",
        evidence=(polled(access(SnmpGroup(3, 2, 1, ("1",), ("1.3.6.1.2.1.1.6",)))),),
        expect=(("WRITABLE", None),),
    )
    yield case(
        code="LIMITED",
        about="sysLocation alone, with authentication and privacy.",
        evidence=(polled(access(SnmpGroup(3, 3, 1, ("1",), ("1.3.6.1.2.1.1.6",)))),),
        expect=(("LIMITED", None),),
    )
    yield case(
        code="NOT_SHOWN",
        about="The view of our user leaves the tables out.",
        evidence=(polled(access(users=None)),),
        expect=(("NOT_SHOWN", None),),
    )
    yield case(
        code="NOT_READ",
        variant="tables",
        about="The tables were not read to their end; what came has no writer.",
        evidence=(polled(access(USM, failure=lab.TIMEOUT)),),
        expect=(("NOT_READ", None),),
    )


def cases() -> Iterator[Case]:
    for group in (default_community, exposed, v1v2_off, v3, write_access):
        yield from group()
