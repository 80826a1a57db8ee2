"""Makes golden cases of pages of a site that are read apart from the visit itself."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from ipaddress import ip_address

from auditor.framework.context import OwnPath
from auditor.framework.gathered import SlowerOverIpv6
from inventory.model import Network
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.pages import Pair, PairedConnects, SecurityTxt
from probes.observations.transport import TcpConnect
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, OWN_WAY, Case
from tests.golden.cases_web import DUAL, HTTP_DEFAULT, undecided_names
from tests.golden.lab import NOW, TIMEOUT, V4, V6, WEB, at, evidence, names, page, ports, why

SITE = (DUAL, *HTTP_DEFAULT, page(V4, 200), page(V6, 200))
WELL_KNOWN = f"https://{WEB}/.well-known/security.txt"
_EARLY = NOW - timedelta(days=70)
ABOVE = "https://tinh-a.example/.well-known/security.txt"


def _expires(days: int) -> str:
    return (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


GOOD = f"# Đầu mối\nContact: mailto:antoan@tinh-a.example\nExpires: {_expires(180)}\nPreferred-Languages: vi, en\n"
SIGNED = f"""-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

# tỉnh A
- Contact: https://tinh-a.example/antoan
Expires: {_expires(90)}
-----BEGIN PGP SIGNATURE-----

iHUEARYKAB0WIQ
-----END PGP SIGNATURE-----
"""


def _asked(
    address: str,
    status: int | None = 200,
    text: str | bytes = GOOD,
    *,
    kind: str = "text/plain; charset=utf-8",
    legacy: bool = False,
    failure: FailureKind | None = None,
    location: str | None = None,
    hop: int = 0,
    url: str = "",
) -> SecurityTxt:
    return SecurityTxt(
        address=ip_address(address),
        port=443,
        url=url or (f"https://{WEB}/security.txt" if legacy else WELL_KNOWN),
        hop=hop,
        legacy=legacy,
        status=status,
        content_type=kind if status == 200 else "text/html",
        location=location,
        body=(text if isinstance(text, bytes) else text.encode()) if status == 200 else b"",
        failure=why(failure),
    )


def _file(address: str, *steps: SecurityTxt) -> Evidence:
    return evidence("security_txt", *steps, task=f"{address}#443", endpoint=at(address, 443))


def security_txt() -> Iterator[Case]:
    check = "security.http.security-txt"
    case = partial(Case, check=check, subject=lab.site())
    yield from undecided_names(check)

    def seen(code: str, about: str, *steps: SecurityTxt, variant: str = "") -> Case:
        return case(
            code=code, variant=variant, about=about, evidence=(*SITE, _file(V4, *steps)), expect=((code, None),)
        )

    yield seen("VALID", "Comments, a contact, a time.", _asked(V4))
    yield seen("VALID", "Signed, with an escaped line.", _asked(V4, text=SIGNED), variant="signed")
    crlf = f"CONTACT: tel:+84-262-1\r\nexpires: {_expires(60)}\r\nX-New: yes\r\n"
    yield seen(
        "VALID", "CRLF, odd case and a field of tomorrow.", _asked(V4, text=crlf, kind="text/plain"), variant="crlf"
    )
    yield seen(
        "VALID",
        "Redirected to the province's file, which names both places.",
        _asked(V4, 301, location=ABOVE),
        _asked(V4, hop=1, url=ABOVE, text=f"{GOOD}Canonical: {ABOVE}\n"),
        variant="redirect",
    )
    yield case(
        code="VALID",
        variant="one-address",
        about="The other address was not answered in time: the file is published all the same.",
        evidence=(*SITE, _file(V4, _asked(V4)), _file(V6, _asked(V6, None, failure=TIMEOUT))),
        expect=(("VALID", None),),
    )
    spelt = f"{GOOD}Canonical: https://{WEB.upper()}:443/.well-known/security.txt\n"
    yield seen("VALID", "Its own place in another spelling.", _asked(V4, text=spelt), variant="spelling")
    yield case(
        code="VALID",
        variant="resumed-later",
        trap="N7",
        about="The file was valid for two more months when it came, and the run was resumed long after that.",
        evidence=(
            *SITE,
            replace(_file(V4, _asked(V4, text=f"Contact: mailto:a@b.vn\nExpires: {_expires(-1)}\n")), started=_EARLY),
        ),
        expect=(("VALID", None),),
    )
    yield seen("EXPIRES_SOON", "Two weeks.", _asked(V4, text=f"Contact: mailto:a@b.vn\nExpires: {_expires(14)}\n"))
    yield seen("LEGACY_PATH", "At the old place.", _asked(V4, 404), _asked(V4, legacy=True))
    yield seen("OTHER_CANONICAL", "Copied from elsewhere.", _asked(V4, text=f"{GOOD}Canonical: {ABOVE}\n"))
    yield seen("ABSENT", "Neither here nor there.", _asked(V4, 404), _asked(V4, 404, legacy=True))
    yield seen("ABSENT", "Gone for good.", _asked(V4, 410), _asked(V4, 410, legacy=True), variant="gone")
    kind = "text/plain; format=flowed; charset=UTF-8"
    yield seen("VALID", "Another parameter beside the encoding.", _asked(V4, kind=kind), variant="parameters")
    yield seen("EXPIRED", "Since yesterday.", _asked(V4, text=f"Contact: mailto:a@b.vn\nExpires: {_expires(-1)}\n"))
    yield seen("NOT_TEXT", "It is sent as a page.", _asked(V4, kind="text/html", text=GOOD))
    everything = _asked(V4, kind="text/html; charset=utf-8", text="<!doctype html><p>Chào</p>")
    yield seen("ABSENT", "The site's page for whatever is asked.", everything, variant="page-for-everything")
    yield seen("NOT_TEXT", "An old Vietnamese encoding.", _asked(V4, text=b"# \xd0\xe0o\nContact: x"), variant="bytes")
    yield seen("NO_CONTACT", "No contact.", _asked(V4, text=f"Expires: {_expires(60)}\n"))
    yield seen("BAD_CONTACT", "A bare address.", _asked(V4, text=f"Contact: a@b.vn\nExpires: {_expires(60)}\n"))
    yield seen("NO_EXPIRES", "Never.", _asked(V4, text="Contact: mailto:a@b.vn\n"))
    yield seen("NO_EXPIRES", "Twice.", _asked(V4, text=f"{GOOD}Expires: {_expires(5)}\n"), variant="twice")
    day = "Contact: mailto:a@b.vn\nExpires: 2027-01-01\n"
    yield seen("NO_EXPIRES", "A date alone.", _asked(V4, text=day), variant="date")
    yield seen("BAD_SIGNED_FORM", "The signature was cut off.", _asked(V4, text=SIGNED[:-60]))
    yield seen("SYNTAX", "A line of prose.", _asked(V4, text=f"{GOOD}Xin chào\n"))
    yield seen("LIMITED", "403 may be a filter.", _asked(V4, 403))
    yield seen(
        "LIMITED",
        "Nothing at its place, and a limit where the old one is.",
        _asked(V4, 404),
        _asked(V4, 429, legacy=True),
        variant="legacy",
    )
    yield seen(
        "UNDECIDED",
        "Nothing at its place; the old one was not looked at to the end.",
        _asked(V4, 404),
        _asked(V4, None, legacy=True, failure=FailureKind.CUT_SHORT),
        variant="legacy",
    )
    yield seen("SERVER_ERROR", "500.", _asked(V4, 500))
    broken = _asked(V4, None, failure=FailureKind.PROTOCOL)
    yield seen("SERVER_ERROR", "An answer that breaks off.", broken, variant="broken-off")
    yield seen("UNDECIDED", "Closed without an answer.", _asked(V4, None, failure=FailureKind.RESET), variant="reset")
    yield seen(
        "UNDECIDED",
        "The next host is none that we may visit.",
        _asked(V4, 301, location=ABOVE),
        _asked(V4, None, hop=1, url=ABOVE, failure=FailureKind.OUT_OF_SCOPE),
        variant="scope",
    )
    yield case(
        code="UNDECIDED",
        trap="T5",
        about="Silence, and nothing showed that answers come through.",
        controls=("tcp/80",),
        evidence=(*SITE, _file(V4, _asked(V4, None, failure=TIMEOUT))),
        expect=(("UNDECIDED", None),),
    )
    yield case(
        code="NO_HTTPS",
        about="Plain HTTP alone.",
        evidence=(DUAL, *ports(V4, 80), *ports(V6, 80), page(V4, 200, port=80)),
        expect=(("NO_HTTPS", None),),
    )
    yield case(
        code="INTERNAL",
        about="Inside TSLCD no stranger looks.",
        subject=lab.site(network=Network.TSLCD),
        networks=frozenset(Network),
        evidence=SITE,
        expect=(("INTERNAL", None),),
    )


Times = Sequence[float | None]


def _pairs(v4: Times, v6: Times, failure: FailureKind = TIMEOUT, port: int = 443) -> Evidence:
    made = tuple(
        Pair(
            address4=ip_address(V4),
            address6=ip_address(V6),
            seconds4=four,
            seconds6=six,
            failure4=failure if four is None else None,
            failure6=failure if six is None else None,
        )
        for four, six in zip(v4, v6, strict=True)
    )
    return evidence("paired_connects", PairedConnects(port=port, pairs=made), task=f"https#{port} {WEB}")


_EIGHT_A_MINUTE: Times = (*(0.011,) * 5, *(None, None, 0.011, None, 3.011, None, None, 0.011) * 3, None)
_LOSSY: Times = (0.011, 0.011, *(None, 1.011, 0.011, None, None, 2.011, 0.011) * 4)
"""Some second or third SYN came through, and some first one."""


def latency_parity() -> Iterator[Case]:
    check = "ipv6.web.latency-parity"
    case = partial(Case, check=check, subject=lab.site())
    opened = (DUAL, *HTTP_DEFAULT)
    quick = (0.010, 0.012, 0.011) * 10
    yield from undecided_names(check)

    def seen(
        code: str, about: str, v6: Times, *, variant: str = "", trap: str = "", controls: tuple[str, ...] = ALL_CONTROLS
    ) -> Case:
        made = _pairs(quick[: len(v6)], v6)
        return case(
            code=code,
            variant=variant,
            about=about,
            evidence=(*opened, made),
            expect=((code, None),),
            trap=trap,
            controls=controls,
            own=OWN_WAY,
        )

    yield seen("AS_FAST", "One connect took a second; the median does not mind.", (*(0.013,) * 29, 1.02))
    yield seen("AS_FAST", "Just 20 ms more.", (0.031,) * 30, variant="bound")
    yield seen("SLOWER", "60 ms more.", (0.071,) * 30)
    yield seen("ABANDONED", "300 ms more: browsers have gone to IPv4 by then.", (0.311,) * 30)
    yield case(
        code="FAILS_MORE",
        about="Fifteen of three hundred got no answer, and all over IPv4.",
        own=OWN_WAY,
        evidence=(*opened, _pairs((0.011,) * 300, (*(0.011,) * 19, None) * 15)),
        expect=(("FAILS_MORE", None),),
    )
    yield seen("FAILS_OFTEN", "Ten of thirty got no answer.", (*(0.011,) * 2, None) * 10)
    yield seen(
        "CHANCE",
        "Six of thirty: p is 0.012, which of a hundred sites behind lines that lose packets one shows.",
        (*(0.011,) * 4, None) * 6,
        variant="of-many-sites",
    )
    unsteady = _pairs((0.8, 0.9, 1.0, 0.85, 0.95) * 6, (0.84, 0.93, 1.05, 0.9, 1.0) * 6)
    yield case(
        code="UNSTEADY",
        about="Forty milliseconds more, over a satellite whose delays vary by two hundred.",
        own=OWN_WAY,
        evidence=(*opened, unsteady),
        expect=(("UNSTEADY", None),),
    )
    yield seen(
        "FAILS_OFTEN",
        "Every other got no answer, and at the end six in a row.",
        (*(0.011, None) * 12, *(None,) * 6),
        variant="before-the-end-too",
    )
    yield seen("CHANCE", "Two of thirty in a row got no answer: Fisher's p is 0.25.", (*(0.011,) * 28, *(None,) * 2))
    yield case(
        code="CHANCE",
        variant="both-lose",
        about="Ten of thirty against five: five more, which chance explains.",
        own=OWN_WAY,
        evidence=(*opened, _pairs((*(None,) * 5, *quick[5:]), (*(0.011,) * 20, *(None,) * 10))),
        expect=(("CHANCE", None),),
    )
    tunnel = {6: OwnPath(mtu=1480, milliseconds=70.0, sent=60), 4: OwnPath(mtu=1500, milliseconds=10.0, sent=60)}
    yield replace(
        seen("AS_FAST", "60 ms more, as to the controls: our own detour.", (0.071,) * 30, variant="our-detour"),
        own=tunnel,
        trap="T11",
    )
    yield replace(
        seen("SLOWER", "110 ms more, of which 60 are our own.", (0.121,) * 30, variant="beyond-ours"), own=tunnel
    )
    yield replace(
        seen("OWN_WAY", "60 ms more; nothing tells how much of it is our own.", (0.071,) * 30), own={}, trap="T11"
    )
    yield replace(
        seen("OWN_WAY", "60 ms more, as four of ten subjects have.", (0.071,) * 30, variant="shared"),
        shared={check: SlowerOverIpv6(compared=10, slower=4)},
        trap="T11",
    )
    yield replace(
        seen("SLOWER", "60 ms more, which nine other subjects do not have.", (0.071,) * 30, variant="alone"),
        shared={check: SlowerOverIpv6(compared=10, slower=1)},
        own={},
    )
    lossy = {6: OwnPath(mtu=1500, milliseconds=10.0, sent=60, lost=20), 4: OWN_WAY[4]}
    yield replace(
        seen("CHANCE", "As many are lost on the way to the controls.", (*(0.011,) * 20, *(None,) * 10), variant="ours"),
        code="AS_FAST",
        expect=(("AS_FAST", None),),
        own=lossy,
    )
    by_itself = replace(TcpConnect(address=ip_address(V6), port=443), rtt=0.012)
    again = lab.evidence("tcp", by_itself, task=f"{V6}#443", endpoint=lab.at(V6, 443), attempt=2)
    for code, variant, about, v6 in (
        ("HELD_BACK", "", "One by itself took 12 ms; of thirty in a row each had its SYN dropped once.", (1.012,) * 30),
        ("ABANDONED", "by-itself", "900 ms more is no SYN that was sent again.", (0.912,) * 30),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            own=OWN_WAY,
            evidence=(*opened, again, _pairs(quick, v6)),
            expect=((code, None),),
        )
    for variant, about, times in (
        ("twelve-a-minute", "Five at once, then twelve a minute.", (*(0.011,) * 5, *(None, 1.011) * 12, None)),
        ("six-a-minute", "Five at once, then six a minute.", (*(0.011,) * 5, *(None, None, 2.011) * 8, None)),
        ("eight-a-minute", "Five at once, then eight a minute, some at once.", _EIGHT_A_MINUTE),
    ):
        yield replace(seen("HELD_BACK", about, times, variant=variant), trap="R1")
    used_up = _pairs(quick, (*(None, 1.011) * 15,))
    yield case(
        code="HELD_BACK",
        variant="used-up",
        about="One by itself took 12 ms; what came first in the run used up the rest of twelve a minute.",
        own=OWN_WAY,
        evidence=(*opened, again, used_up),
        expect=(("HELD_BACK", None),),
    )
    yield seen("FAILS_OFTEN", "Two of three are lost by chance.", _LOSSY, variant="by-chance")
    yield seen("SHUT_OUT", "After the tenth an intrusion prevention lets none in.", (*(0.011,) * 10, *(None,) * 20))
    yield seen("SHUT_OUT", "None got one, after all were open before.", (None,) * 30, variant="all")
    yield case(
        code="AS_FAST",
        variant="alike",
        about="IPv4 loses as many: the site's trouble, not that of IPv6.",
        evidence=(*opened, _pairs((*(None,) * 3, *quick[3:]), (*(None,) * 3, *quick[3:]))),
        expect=(("AS_FAST", None),),
    )
    yield seen("TOO_FEW", "Ten pairs decide nothing.", (0.3,) * 10)
    yield case(code="TOO_FEW", variant="none", about="None were made.", evidence=opened, expect=(("TOO_FEW", None),))
    yield case(
        code="UNDECIDED",
        variant="not-connected",
        trap="R3",
        about="Connects over IPv6 were cut short, so that no pairs were made: our failure.",
        evidence=(DUAL, *ports(V4, 80, 443), *ports(V6, shut=FailureKind.CUT_SHORT)),
        expect=(("UNDECIDED", None),),
    )
    yield seen(
        "UNDECIDED",
        "Silence, and nothing showed that IPv6 gets through on this port.",
        (*(0.011,) * 27, *(None,) * 3),
        controls=("tcp/80",),
        trap="T5",
    )
    yield case(
        code="UNDECIDED",
        variant="ours",
        trap="R3",
        about="The last pairs were cut short: our failure.",
        evidence=(*opened, _pairs(quick, (*quick[:-1], None), FailureKind.CUT_SHORT)),
        expect=(("UNDECIDED", None),),
    )
    yield case(
        code="ONE_FAMILY",
        trap="W3",
        about="IPv6 alone has nothing to be slower than.",
        evidence=(names([V6], ()), *ports(V6, 80, 443)),
        expect=(("ONE_FAMILY", None),),
    )
    yield case(
        code="ONE_FAMILY",
        variant="shut",
        about="Nothing is open over IPv6: reach's finding.",
        evidence=(DUAL, *ports(V4, 80, 443), *ports(V6)),
        expect=(("ONE_FAMILY", None),),
    )


def cases() -> Iterator[Case]:
    for group in (security_txt, latency_parity):
        yield from group()
