"""Makes golden cases that compare the answers of all name server addresses of a zone."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rrset

from inventory.model import Endpoint, Subject
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.dns import DnsExchange
from probes.observations.dnssec import ZoneAnswer
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_dns import NS1, NS2, A, B, listed, ns, undecided_zone
from tests.golden.cases_nameservers import A4, B4, CONTROLS, DUAL, servers_unknown, v4
from tests.golden.lab import TIMEOUT, ZONE, evidence, unanswered, why

HOST = f"www.{ZONE}"
ABSENT = f"auditor-no-such-name.{ZONE}"
SOA = f"ns1.{ZONE}. hostmaster.{ZONE}. %s 7200 3600 1209600 300"
BOTH = listed(ns(NS1, A), v4(NS1, A4), ns(NS2, B), v4(NS2, B4))
ZONE_SUBJECT = lab.zone()
SERIAL = "2026022801"  # long before the cases' now


def answered(
    server: str,
    name: str,
    rtype: str,
    *records: str,
    rcode: str = "NOERROR",
    flags: str = "AA",
    soa: str | None = SERIAL,
    transport: str = "udp",
    wire: bytes | None = None,
    failure: FailureKind | None = None,
    source: str | None = None,
) -> DnsExchange:
    """Return one answer; without records, it holds the SOA of the zone instead, unless ``soa`` is None."""
    message = dns.message.make_response(dns.message.make_query(name, rtype, id=4711))
    message.set_rcode(dns.rcode.from_text(rcode))
    message.flags |= dns.flags.from_text(flags)
    if records and rtype == "SOA":  # one by one: dnspython keeps one of a set
        message.answer += [dns.rrset.from_text(f"{name}.", 300, "IN", rtype, record) for record in records]
    elif records:
        message.answer.append(dns.rrset.from_text_list(f"{name}.", 300, "IN", rtype, records))
    elif soa is not None and rcode in ("NOERROR", "NXDOMAIN"):
        message.authority.append(dns.rrset.from_text(f"{ZONE}.", 300, "IN", "SOA", SOA % soa))
    return DnsExchange(
        server=ip_address(server),
        transport=transport,
        qname=name,
        qtype=rtype,
        response=None if failure else wire or message.to_wire(want_shuffle=False),
        failure=why(failure),
        answered_from=None if source is None else ip_address(source),
    )


def seen(probe: str, server: str, *steps: DnsExchange, attempt: int = 1, minutes: int = 0) -> Evidence:
    endpoint = Endpoint(address=ip_address(server), port=53)
    return evidence(probe, *steps, task=f"{server}#53 {ZONE}", endpoint=endpoint, attempt=attempt, minutes=minutes)


def _host(
    server: str, aaaa: dict[str, object], https: dict[str, object], *, again: bool, dead: bool = False
) -> Evidence:
    """Return answers about www, which has A records, for three types; ``again``: A once more after each odd answer."""
    first = answered(server, HOST, "A", "198.51.100.10")
    last = answered(server, HOST, "A", failure=TIMEOUT) if dead else first
    steps = [first]
    for rtype, how in (("AAAA", aaaa), ("HTTPS", https)):
        steps.append(answered(server, HOST, rtype, **how))  # type: ignore[arg-type]
        if how and again:
            steps.append(last)
    return seen("aaaa_answers", server, *steps)


def _good(server: str) -> Evidence:
    """Return right answers: AAAA and HTTPS for the zone, neither for the host, NXDOMAIN for an absent name."""
    gone = partial(answered, server, ABSENT, rcode="NXDOMAIN")
    return seen(
        "aaaa_answers",
        server,
        answered(server, ZONE, "A", "198.51.100.10"),
        answered(server, ZONE, "AAAA", "2001:db8:a::10"),
        answered(server, ZONE, "HTTPS", '1 . alpn="h2"'),
        answered(server, HOST, "A", "198.51.100.10"),
        answered(server, HOST, "AAAA"),
        answered(server, HOST, "HTTPS"),
        gone("A"),
        gone("AAAA"),
        gone("HTTPS"),
    )


def _wrong(
    code: str, about: str, envelope: Evidence, *, variant: str = "", trap: str = "", more: tuple[Evidence, ...] = ()
) -> Case:
    """Return a case in which the second address answers badly and the others answer well."""
    return Case(
        check="ipv6.dns.aaaa-behaviour",
        subject=lab.zone(),
        controls=CONTROLS,
        code=code,
        variant=variant,
        trap=trap,
        about=about,
        evidence=(DUAL, _good(A), envelope, *more, _good(A4)),
        expect=(("HANDLED", A), (code, B), ("HANDLED", A4)),
    )


def _aliases() -> Iterator[Case]:
    """Yield cases of the apex as an alias, with and without mail records."""
    for code, variant, about, mail in (
        ("APEX_ALIAS", "", "The domain is an alias for its addresses alone; mail has exchangers.", True),
        ("HANDLED", "apex-alias-alone", "A load balancer of one name, an alias whatever is asked.", False),
    ):
        steps = [answered(B, ZONE, "SOA", f"ns1.{ZONE}. h.{ZONE}. 2026022801 7200 3600 1209600 3600")]
        steps += [answered(B, ZONE, rtype, wire=_alias(rtype)) for rtype in ("A", "AAAA")]
        steps += [answered(B, ZONE, "MX", f"10 mx.{ZONE}.") if mail else answered(B, ZONE, "MX", wire=_alias("MX"))]
        case = _wrong(code, about, _good(B), variant=variant)
        yield replace(
            case,
            evidence=(*case.evidence, seen("zone_data", B, *steps)),
            expect=(("HANDLED", A), (code, B), ("HANDLED", A4)),
        )


def _alias(rtype: str) -> bytes:
    message = dns.message.make_response(dns.message.make_query(ZONE, rtype, id=4711))
    message.flags |= dns.flags.AA
    message.answer.append(dns.rrset.from_text(f"{ZONE}.", 300, "IN", "CNAME", f"www.{ZONE}."))
    return message.to_wire()


def aaaa_behaviour() -> Iterator[Case]:
    bad = partial(_host, B)
    yield from servers_unknown("ipv6.dns.aaaa-behaviour", _good(A), said=(("HANDLED", A),))
    yield replace(
        _wrong("HANDLED", "There, not there, no such name: AAAA is answered as A is.", _good(B)),
        expect=(("HANDLED", A), ("HANDLED", B), ("HANDLED", A4)),
    )
    over_tcp = [
        step
        for rtype, records in (("A", ("198.51.100.10",)), ("AAAA", ()), ("HTTPS", ()))
        for step in (
            answered(B, HOST, rtype, flags="TC", soa=None),
            answered(B, HOST, rtype, *records, transport="tcp"),
        )
    ]
    yield replace(
        _wrong("HANDLED", "Something in front has everybody ask over TCP.", seen("aaaa_answers", B, *over_tcp)),
        variant="over-tcp",
        expect=(("HANDLED", A), ("HANDLED", B), ("HANDLED", A4)),
    )
    no_tcp = answered(B, HOST, "A", transport="tcp", failure=TIMEOUT)
    yield replace(
        _wrong("NOT_DECIDED", "Sent to TCP, where nothing comes.", seen("aaaa_answers", B, over_tcp[0], no_tcp)),
        variant="no-tcp",
        expect=(("HANDLED", A), ("NOT_DECIDED", B), ("HANDLED", A4)),
    )
    yield from _aliases()
    yield _wrong(
        "NAME_ERROR",
        "A load balancer that knows A alone denies the whole name (RFC 8020).",
        bad({"rcode": "NXDOMAIN"}, {"rcode": "NXDOMAIN"}, again=True),
    )
    yield _wrong("BAD_RCODE", "An error instead of no data.", bad({"rcode": "SERVFAIL"}, {}, again=True))
    yield _wrong(
        "BAD_RCODE",
        "Refused, while A is answered before and after: no rate limit.",
        bad({"rcode": "REFUSED", "flags": ""}, {}, again=True),
        variant="refused",
    )
    silent = bad({"failure": TIMEOUT}, {}, again=True)
    yield _wrong(
        "DROPPED",
        "A firewall drops the question, four times, while A is answered.",
        silent,
        more=tuple(replace(silent, id=f"{silent.id} attempt {n}", attempt=n) for n in (2, 3, 4)),  # type: ignore[arg-type]
    )
    kept_in = bad({"failure": FailureKind.FILTERED_HERE}, {}, again=True)
    yield _wrong(
        "NOT_DECIDED",
        "Our own packet filter keeps the question in, four times.",
        kept_in,
        variant="kept-in",
        more=tuple(replace(kept_in, id=f"{kept_in.id} attempt {n}", attempt=n) for n in (2, 3, 4)),  # type: ignore[arg-type]
    )
    yield _wrong("NOT_DECIDED", "Seen once only: any datagram may be lost.", silent, variant="once")
    yield _wrong(
        "NOT_DECIDED",
        "Seen twice, as at one server of a hundred behind a line that loses a datagram of ten.",
        silent,
        variant="twice",
        more=(replace(silent, id=f"{silent.id} attempt 2", attempt=2),),  # type: ignore[arg-type]
    )
    ended = bad({"failure": TIMEOUT}, {}, again=True, dead=True)
    yield _wrong(
        "NOT_DECIDED",
        "A line that loses questions for A too may lose all those for AAAA by chance.",
        silent,
        variant="lossy",
        more=tuple(replace(ended, id=f"{ended.id} attempt {n}", attempt=n) for n in (2, 3, 4)),  # type: ignore[arg-type]
    )
    yield _wrong(
        "LIMITED",
        "A is refused too when it is asked once more.",
        seen(
            "aaaa_answers",
            B,
            answered(B, HOST, "A", "198.51.100.10"),
            answered(B, HOST, "AAAA", rcode="REFUSED", flags=""),
            answered(B, HOST, "A", rcode="REFUSED", flags=""),
        ),
    )
    yield _wrong(
        "LIMITED", "Nor is A answered any more.", bad({"failure": TIMEOUT}, {}, again=True, dead=True), variant="silent"
    )
    yield _wrong(
        "LIMITED", "Asked to come back over TCP.", bad({"flags": "AA TC"}, {}, again=True), variant="truncated"
    )
    yield _wrong(
        "HTTPS_BAD_RCODE", "Only the newer type is not known.", bad({}, {"rcode": "NOTIMP", "flags": ""}, again=True)
    )
    lost = bad({}, {"failure": TIMEOUT}, again=True)
    yield _wrong(
        "HTTPS_DROPPED",
        "Only questions for the newer type are dropped.",
        lost,
        more=tuple(replace(lost, id=f"{lost.id} attempt {n}", attempt=n) for n in (2, 3, 4)),  # type: ignore[arg-type]
    )
    yield _wrong(
        "OTHER_RCODE",
        "A name that does not exist is an error when asked for AAAA.",
        seen(
            "aaaa_answers",
            B,
            answered(B, ABSENT, "A", rcode="NXDOMAIN"),
            answered(B, ABSENT, "AAAA", rcode="SERVFAIL"),
            answered(B, ABSENT, "A", rcode="NXDOMAIN"),
            answered(B, ABSENT, "HTTPS", rcode="NXDOMAIN"),
        ),
    )
    yield _wrong("NO_SOA", "No data, and not for how long.", bad({"soa": None}, {}, again=False))
    yield _wrong("NO_SOA", "The same for HTTPS.", bad({}, {"soa": None}, again=False), variant="https")
    yield _wrong(
        "NO_BASIS",
        "It answers nothing at all; ns-reach says so.",
        seen("aaaa_answers", B, answered(B, ZONE, "A", failure=TIMEOUT)),
    )
    lame = partial(answered, B, ZONE, rcode="REFUSED", flags="")
    yield _wrong(
        "NO_BASIS",
        "It does not have the zone; ns-reach says so.",
        seen("aaaa_answers", B, lame("A"), lame("AAAA"), lame("HTTPS")),
        variant="lame",
    )
    yield replace(
        _wrong(
            "NOT_DECIDED",
            "Nothing answers from here, and no control shows that anything would.",
            seen("aaaa_answers", B, answered(B, ZONE, "A", failure=TIMEOUT)),
            trap="T5",
        ),
        controls=("icmp",),
    )
    yield _wrong(
        "NOT_DECIDED", "Bytes that make no answer.", bad({"wire": b"\0" * 7}, {}, again=True), variant="unreadable"
    )
    yield _wrong(
        "NOT_DECIDED",
        "An answer from another address is ns-reach's finding.",
        bad({"failure": FailureKind.PROTOCOL, "source": A}, {}, again=True),
        variant="elsewhere",
    )


def _copy(
    server: str, serial: str = SERIAL, *, minutes: int = 0, attempt: int = 1, **changed: tuple[str, ...]
) -> Evidence:
    """Return the records at the top of the zone; ``changed`` replaces records by type."""
    records: dict[str, tuple[str, ...]] = {
        "SOA": (SOA % serial,),
        "NS": (f"{NS1}.", f"{NS2}."),
        "A": ("198.51.100.10", "198.51.100.11"),
        "AAAA": ("2001:db8:a::10",),
        "MX": (),
        "DNSKEY": (),
        **changed,
    }
    steps = [answered(server, ZONE, rtype, *texts) for rtype, texts in records.items()]
    return seen("zone_data", server, *steps, minutes=minutes, attempt=attempt)


_ADDRESSES = ("198.51.100.10", "198.51.100.11")


def _twice(copy: Evidence, **again: tuple[str, ...]) -> Evidence:
    """Return the same with further answers at its end, by type."""
    assert copy.endpoint is not None
    server = str(copy.endpoint.address)
    more = tuple(answered(server, ZONE, rtype, *texts) for rtype, texts in again.items())
    return replace(copy, steps=(*copy.steps, *more))


def _signed(server: str, key: str) -> Evidence:
    """Return the SOA from one address, with a signature of a key."""
    message = dns.message.make_response(dns.message.make_query(ZONE, "SOA", id=4711))
    message.flags |= dns.flags.AA
    apex, signer = dns.name.from_text(ZONE), dns.rdata.from_text("IN", "DNSKEY", key)
    tag = dns.dnssec.key_id(signer)  # type: ignore[arg-type]  # it is a key
    message.answer.append(dns.rrset.from_text(apex, 300, "IN", "SOA", SOA % SERIAL))
    text = f"SOA 13 2 300 20260401000000 20260201000000 {tag} {ZONE}. {'A' * 86}=="
    message.answer.append(dns.rrset.from_text(apex, 300, "IN", "RRSIG", text))
    step = ZoneAnswer(
        zone=ZONE, qname=ZONE, qtype="SOA", server=ip_address(server), response=message.to_wire(want_shuffle=False)
    )
    return evidence("dnssec_server", step, task=f"{server}#53", endpoint=Endpoint(address=ip_address(server), port=53))


def ns_v4v6_consistency() -> Iterator[Case]:
    check = "ipv6.dns.ns-v4v6-consistency"
    case = partial(Case, check=check, subject=lab.zone(), controls=CONTROLS)
    same = (_copy(A), _copy(A4), _copy(B))
    other = ("198.51.100.99",)
    yield from undecided_zone(check)

    def fourth(code: str, about: str, *found: Evidence, variant: str = "", subject: Subject = ZONE_SUBJECT) -> Case:
        evidence = (BOTH, *found)
        return case(code=code, variant=variant, about=about, subject=subject, evidence=evidence, expect=((code, None),))

    yield fourth(
        "SAME", "Four addresses, one copy, the records in another order.", *same, _copy(B4, NS=(f"{NS2}.", f"{NS1}."))
    )
    yield fourth("SAME", "One does not answer at all, which is ns-reach's finding.", *same, variant="one-silent")
    yield fourth(
        "SAME",
        "One answer got lost, and the same is there at the second attempt; DNSKEY only fits over TCP.",
        *same,
        seen("zone_data", B4, answered(B4, ZONE, "SOA", SOA % "1")),
        replace(
            (whole := _copy(B4, attempt=2, minutes=0)),
            steps=(
                *whole.steps[:-1],
                answered(B4, ZONE, "DNSKEY", flags="AA TC"),
                answered(B4, ZONE, "DNSKEY", transport="tcp"),
            ),
        ),
        variant="second-attempt",
    )
    vary = replace(lab.zone(), tags=("answers-vary",))
    yield fourth(
        "SAME",
        "Addresses that vary by the place of who asks are declared to.",
        *same,
        _copy(B4, A=other),
        variant="answers-vary",
        subject=vary,
    )
    yield fourth(
        "DIFFERENT",
        "What varies by place is not the name servers.",
        *same,
        _copy(B4, NS=(f"{NS1}.",)),
        variant="answers-vary",
        subject=vary,
    )
    yield fourth("DIFFERENT", "The same serial with another NS set.", *same, _copy(B4, NS=(f"{NS1}.",)))
    yield fourth("NOT_SEEN_TWICE", "The same serial with another address, asked for once.", *same, _copy(B4, A=other))
    yield fourth(
        "BEHIND",
        "Serials that only count, and other records: a change on its way, as far as is known.",
        *(_copy(text, "7") for text in (A, A4, B)),
        _copy(B4, "6", A=other, NS=(f"{NS1}.",)),
        variant="counting-and-other",
    )
    pool = [("203.0.113.1", "203.0.113.2"), ("203.0.113.2", "203.0.113.3"), ("203.0.113.3", "203.0.113.1")]
    yield fourth(
        "NOT_SEEN_TWICE",
        "The apex follows a CDN: each question another part of the pool.",
        *(_copy(one, A=part) for one, part in zip((A, A4, B, B4), (*pool, pool[0]), strict=True)),
        variant="pool",
    )
    yield fourth(
        "SAME_BUT",
        "One server is seen to answer in turn: what the others say of that type is no difference.",
        *same,
        _twice(_copy(B4, A=other), A=pool[0]),
    )
    yield fourth(
        "BY_FAMILY",
        "At one server IPv4 leads to another instance, steadily; the other server has one copy over both.",
        *(_twice(_copy(text), A=_ADDRESSES) for text in (A, A4, B)),
        _twice(_copy(B4, A=other), A=other),
    )
    yield fourth(
        "VARIES",
        "Every server answers by the family of who asks: that is by place.",
        *(_twice(_copy(text), A=_ADDRESSES) for text in (A, B)),
        *(_twice(_copy(text, A=other), A=other) for text in (A4, B4)),
        variant="by-place",
    )
    for variant, serials in (("", (SERIAL, SERIAL)), ("own-serials", ("412", "398"))):
        yield fourth(
            "SEVERAL_PRIMARIES",
            "Domain controllers each name themselves: nothing is transferred between them.",
            *(_copy(text, serials[0]) for text in (A, A4)),
            *(_copy(text, SOA=(SOA.replace("ns1", "ns2") % serials[1],)) for text in (B, B4)),
            variant=variant,
        )
    yield fourth(
        "SEVERAL_PRIMARIES",
        "The same primary with other timers at one server.",
        *same,
        _copy(B4, SOA=((SOA % SERIAL).replace("7200", "900"),)),
        variant="timers",
    )
    yield fourth(
        "SEVERAL_SOA",
        "One address gives two SOA records, the older of them that of a copy long replaced.",
        *same,
        _copy(B4, SOA=(SOA % SERIAL, SOA % "2020010100")),
    )
    keys = tuple(f"257 3 13 {letter}" + "A" * 85 + "==" for letter in "BCD")
    own = {A: keys[:2], A4: keys[:2], B: keys[1:], B4: keys[1:]}
    several = [_copy(one, DNSKEY=held) for one, held in own.items()]
    yield fourth(
        "SEVERAL_SIGNERS",
        "Two providers with a key of their own each, and one that both give (RFC 8901).",
        *several,
        *(_signed(text, keys[1]) for text in own),
    )
    yield fourth(
        "DIFFERENT",
        "One server signs with a key that the other does not give: who has one's keys refuses the other's answers.",
        *several,
        *(_signed(one, held[0]) for one, held in own.items()),
        variant="keys",
    )
    yield fourth("KEYS_NOT_COMPARED", "Different keys, and no signature was seen.", *several)
    yield fourth(
        "BEHIND",
        "Serials that only count: for how long is not known.",
        *(_copy(text, "7") for text in (A, A4, B)),
        _copy(B4, "6"),
    )
    today = ("2026030202", "2026030201")
    yield fourth(
        "BEHIND",
        "Changed today, transferred not yet.",
        *(_copy(text, today[0], A=other) for text in (A, A4, B)),
        _copy(B4, today[1]),
        variant="today",
    )
    seconds = int(lab.NOW.timestamp())
    yield fourth(
        "BEHIND",
        "Changed a minute ago; the serial is a time.",
        *(_copy(text, str(seconds - 60)) for text in (A, A4, B)),
        _copy(B4, str(seconds - 900_000)),
        variant="seconds",
    )
    yield fourth(
        "LATE",
        "The new version is two days old, the refresh interval two hours.",
        *same,
        _copy(B4, "2026022700", A=other),
    )
    yield fourth(
        "LATE",
        "Changed three hours ago; the serial is a time.",
        *(_copy(text, str(seconds - 3 * 3600)) for text in (A, A4, B)),
        _copy(B4, str(seconds - 4 * 3600)),
        variant="seconds",
    )
    yield fourth(
        "BEHIND",
        "Signed by the server itself: the serial counts on from an old date and does not tell when it changed.",
        *(_copy(text, "2024010157") for text in (A, A4, B)),
        _copy(B4, "2024010156"),
        variant="old-date",
    )
    yield fourth("TOO_FAR_APART", "Two minutes between them.", *same, _copy(B4, "2026022700", minutes=2))
    yield fourth("SAME", "Two minutes between them do not matter then.", *same, _copy(B4, minutes=2), variant="apart")
    yield case(
        code="NOT_COMPARED",
        about="Nobody answers over IPv4.",
        evidence=(
            BOTH,
            _copy(A),
            _copy(B),
            *(seen("zone_data", text, answered(text, ZONE, "SOA", failure=TIMEOUT)) for text in (A4, B4)),
        ),
        expect=(("NOT_COMPARED", None),),
    )
    yield case(
        code="NOT_COMPARED",
        variant="cut-short",
        trap="R3",
        about="IPv4 was not asked any more: our failure.",
        evidence=(BOTH, _copy(A), _copy(B)),
        expect=(("NOT_COMPARED", None),),
    )
    yield case(
        code="ONE_FAMILY",
        about="No name server has an IPv6 address.",
        evidence=(listed(ns(NS1), v4(NS1, A4), ns(NS2), v4(NS2, B4)), _copy(A4), _copy(B4)),
        expect=(("ONE_FAMILY", None),),
    )
    yield case(
        code="NO_DNS_ANSWER",
        variant="one-family-unknown",
        about="Whether there is a second family depends on a name that nobody answers for.",
        evidence=(listed(unanswered("AAAA", "ns-address", NS1), v4(NS1, A4), servers=(NS1,)), _copy(A4)),
        expect=(("NO_DNS_ANSWER", None),),
    )
    yield case(
        code="DNS_CONTRADICTS",
        about="Two look-ups of the AAAA contradict each other.",
        evidence=(listed(ns(NS1, A), ns(NS1), v4(NS1, A4), servers=(NS1,)), _copy(A4)),
        expect=(("DNS_CONTRADICTS", None),),
    )
    yield case(
        code="U_V6",
        trap="T1",
        gated=True,
        families=frozenset({4}),
        about="Without IPv6 here nothing is compared.",
        evidence=(BOTH, *same),
        expect=(("U_V6", None),),
    )


def cases() -> Iterator[Case]:
    for group in (aaaa_behaviour, ns_v4v6_consistency):
        yield from group()
