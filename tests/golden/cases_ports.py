"""Makes golden cases of ``security.ports.*``."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address

from cryptography.hazmat.primitives.serialization import Encoding

from inventory.model import Clearance, DeclaredFacts, Network, Subject
from probes.framework.evidence import NO_CONNECT, Evidence, Failure, FailureKind
from probes.observations.exposure import SWEPT, UNUSED, DatagramReply, FtpGreeting, PortReply, PortSweep, SmbNegotiate
from probes.observations.mail import SmtpDialogue
from probes.observations.pages import FrontPage
from probes.observations.ssh import SshAuthMethods, SshExchange
from probes.observations.web import TlsHandshake
from probes.wire.exposure import ssh as wire_ssh
from probes.wire.exposure.amplifiers import REQUESTS
from tests.golden import lab
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.cases_web import CONTRADICTION, CUT, DUAL, NO_ANSWER
from tests.golden.lab import GOOD, REFUSED, TIMEOUT, V4, V6, at, evidence, names, page, tls, why
from tests.golden.lab_ports import HTTP, TLS, answer

PAGE = b"<title>Tinh A</title>"
USED = tuple(port for port in SWEPT if port not in UNUSED)
EVERY_PORT = (*ALL_CONTROLS, *(f"tcp/{port}" for port in SWEPT if f"tcp/{port}" not in ALL_CONTROLS))
UDP = (*ALL_CONTROLS, *dict.fromkeys(f"udp/{request.port}" for request in REQUESTS.values()))
SITE = lab.site()
OWNED = lab.site(clearance=Clearance.INTRUSIVE)
INSIDE = lab.site(network=Network.TSLCD)


def ssh_key(address: str, number: int) -> Evidence:
    """Return an SSH server that showed its host key."""
    key = wire_ssh.string(b"ssh-ed25519") + wire_ssh.string(bytes([number]) * 32)
    step = SshExchange(address=ip_address(address), port=22, banner="SSH-2.0-OpenSSH_9.9", host_key=key)
    return evidence("ssh", step, task=address, endpoint=at(address, None))


def swept(
    address: str,
    *opened: int,
    silent: Iterable[int] = (),
    ended: Iterable[int] = (),
    tried: Iterable[int] = SWEPT,
    failure: FailureKind | None = None,
    greeting: bytes = b"",
    shut: FailureKind = REFUSED,
    answers: Iterable[int] = (),
    reset: Iterable[int] = (),
    controls: Iterable[PortReply] = (),
    minutes: int = 0,
) -> Evidence:
    """Return a sweep of an address; ports that no argument names refuse, or fail as ``shut``.

    ``opened`` ports accept and send only ``greeting``; those in ``answers`` speak their protocol. ``controls`` are
    asked after the sweep, one by one; ``minutes``: a later look.
    """
    quiet, gone, spoken = set(silent), set(ended), set(answers)

    def reply(port: int) -> PortReply:
        if port in spoken:
            return answer(port)
        if port in opened or port in gone:
            return PortReply(port=port, ended=port in gone, greeting=b"" if port in gone else greeting)
        if port in reset:
            return PortReply(port=port, failure=FailureKind.RESET)
        return PortReply(port=port, failure=TIMEOUT if port in quiet else shut)

    replies = () if failure else tuple(map(reply, tried))
    where = ip_address(address)
    step = PortSweep(address=where, replies=replies, failure=why(failure))
    more = [PortSweep(address=where, replies=(one,)) for one in controls]
    attempt = 2 if minutes else 1
    where_asked = at(address, None)
    return evidence("ports", step, *more, task=address, endpoint=where_asked, attempt=attempt, minutes=minutes)


def frame(check: str, good: str, *more: Evidence, subject: Subject = SITE) -> Iterator[Case]:
    """Yield the cases of every check of port sweeps with nothing to judge."""
    case = partial(Case, check=check, subject=subject, controls=EVERY_PORT)
    for code, looks in (("NO_DNS_ANSWER", NO_ANSWER), ("DNS_NOT_ASKED", CUT)):
        yield case(
            code=code,
            about="The AAAA is not known; IPv4 is judged all the same.",
            evidence=(looks, swept(V4), *more),
            expect=((code, "AAAA"), (good, V4)),
        )
    yield case(
        code="DNS_CONTRADICTS",
        about="One look-up has an AAAA, another says that there is none.",
        evidence=(CONTRADICTION, swept(V4), swept(V6), *more),
        expect=(("DNS_CONTRADICTS", "AAAA"), (good, V4)),
    )
    yield case(code="NO_ADDRESS", about="No address.", evidence=(names((), ()),), expect=(("NO_ADDRESS", None),))
    yield case(
        code="NOT_DECIDED",
        trap="R3",
        about="The sweep of IPv6 was cut short: our failure, nobody's defect.",
        evidence=(DUAL, swept(V4), swept(V6, failure=FailureKind.CUT_SHORT), *more),
        expect=((good, V4), ("NOT_DECIDED", V6)),
    )
    yield case(
        code="EVERYTHING_OPEN",
        about="Even tcpmux accepts: a middlebox answers for the host, trap of every port scanner.",
        evidence=(DUAL, swept(V4), swept(V6, *SWEPT), *more),
        expect=((good, V4), ("EVERYTHING_OPEN", V6)),
    )
    yield case(
        code="EVERYTHING_OPEN",
        variant="but-one",
        about="More ports open than any one machine serves, although those that nobody uses refuse.",
        evidence=(DUAL, swept(V4), swept(V6, *USED[:24]), *more),
        expect=((good, V4), ("EVERYTHING_OPEN", V6)),
    )


def banned(check: str, good: str, *more: Evidence, subject: Subject = SITE) -> Iterator[Case]:
    """Yield the cases of every such check for an address that fell silent in the middle of its sweep."""
    after = [port for port in SWEPT if port > 22]
    yield Case(
        check=check,
        code="BANNED",
        subject=subject,
        controls=EVERY_PORT,
        about="An IPS bans the vantage over IPv6: SSH, which had answered, is silent when asked again.",
        evidence=(DUAL, swept(V4), swept(V6, silent=after, controls=(PortReply(port=22, failure=TIMEOUT),)), *more),
        expect=((good, V4), ("BANNED", V6)),
    )
    silent, again = PortReply(port=22, failure=TIMEOUT), [PortReply(port=port, failure=TIMEOUT) for port in after]
    unheard = PortReply(port=22, failure=FailureKind.CUT_SHORT)
    yield Case(
        check=check,
        code="BANNED",
        variant="last-control-unheard",
        subject=subject,
        controls=EVERY_PORT,
        about="The same, and this machine was too busy to hear SSH once more behind the ports that were asked again.",
        evidence=(DUAL, swept(V4), swept(V6, silent=after, controls=(silent, *again, unheard)), *more),
        expect=((good, V4), ("BANNED", V6)),
    )
    yield Case(
        check=check,
        code="NOT_DECIDED",
        variant="control-unheard",
        subject=subject,
        controls=EVERY_PORT,
        about="Silence behind which no control was heard, because this machine was too busy: a ban, or a firewall.",
        evidence=(DUAL, swept(V4), swept(V6, silent=after, controls=(unheard,)), *more),
        expect=((good, V4), ("NOT_DECIDED", V6)),
    )
    yield Case(
        check=check,
        code=good,
        variant="silent-behind-a-control",
        subject=subject,
        controls=EVERY_PORT,
        about="The same silence where the port that had answered answers again: a firewall that drops.",
        evidence=(DUAL, swept(V4), swept(V6, silent=after, controls=(PortReply(port=22, failure=REFUSED),)), *more),
        expect=((good, V4), (good, V6)),
    )


def mute(check: str, good: str, port: int, subject: Subject = SITE) -> Iterator[Case]:
    """Yield cases of checks of management ports that accept a connection but answer in no protocol."""
    case = partial(Case, check=check, subject=subject, controls=EVERY_PORT)
    yield case(
        code="MUTE",
        about="A port accepts and says nothing: what is behind is not clear, and nobody is accused.",
        evidence=(DUAL, swept(V4), swept(V6, port)),
        expect=((good, V4), ("MUTE", V6)),
    )
    yield case(
        code="IN_BETWEEN",
        about="Front ends of a big load balancer accept for every customer, and say nothing.",
        evidence=(DUAL, swept(V4), swept(V6, 3389, 5432, 5900, 6379, 9200, answers=(80, 443))),
        expect=((good, V4), ("IN_BETWEEN", V6)),
    )
    yield case(
        code="WRAPPED",
        about="A wrapper accepts everybody and hangs up at once: not confirmed, so not accused.",
        evidence=(DUAL, swept(V4), swept(V6, ended=(5900,))),
        expect=((good, V4), ("WRAPPED", V6)),
    )
    yield case(
        code=good,
        variant="reset-after-accept",
        about="A proxy in front of a closed port accepts, then resets without a byte: the port is not open.",
        evidence=(DUAL, swept(V4), swept(V6, reset=(port,))),
        expect=((good, V4), (good, V6)),
    )


def unproven(check: str, good: str, port: int, *more: Evidence, subject: Subject = SITE) -> Iterator[Case]:
    case = partial(Case, check=check, subject=subject)
    yield case(
        code="UNPROVEN",
        trap="T5",
        controls=tuple(control for control in EVERY_PORT if control != f"tcp/{port}"),
        about="A port is silent, and nothing showed that packets to it leave the vantage.",
        evidence=(DUAL, swept(V4), swept(V6, silent=(port,)), *more),
        expect=((good, V4), ("UNPROVEN", V6)),
    )
    yield case(
        code=good,
        variant="silent",
        controls=EVERY_PORT,
        about="Silence where controls answered over the same port is a port that is shut.",
        evidence=(DUAL, swept(V4), swept(V6, silent=SWEPT), *more),
        expect=((good, V4), (good, V6)),
    )


def methods(address: str, *said: str, failure: FailureKind | None = None) -> Evidence:
    step = SshAuthMethods(address=ip_address(address), port=22, user="probe", methods=said, failure=why(failure))
    return evidence("ssh_methods", step, task=address, endpoint=at(address, None))


def mgmt_exposed() -> Iterator[Case]:
    check = "security.ports.mgmt-exposed"
    yield from frame(check, "NONE_OPEN")
    yield from unproven(check, "NONE_OPEN", 3389)
    yield from banned(check, "NONE_OPEN")
    yield from mute(check, "NONE_OPEN", 3389)
    case = partial(Case, check=check, subject=SITE, controls=EVERY_PORT)
    jump = lab.site(tags=("jump-host",))
    yield case(
        code="NONE_OPEN",
        about="Web and mail ports are nobody's worry here.",
        evidence=(DUAL, swept(V4, 80, 443), swept(V6, 25, 80, 443)),
        expect=(("NONE_OPEN", V4), ("NONE_OPEN", V6)),
    )
    yield case(
        code="EXPOSED",
        trap="T8",
        about="A database is open over IPv6 alone.",
        evidence=(DUAL, swept(V4, answers=(443,)), swept(V6, answers=(443, 5432))),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )
    yield case(
        code="EXPOSED",
        variant="8443",
        about="8443 is a management port where no web site is declared on it.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(8443,))),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )
    usual = lab.services(("http", 80), ("https", 443), ("http-alt", 8080), ("https-alt", 8443))
    yield case(
        code="EXPOSED",
        variant="8443-not-declared",
        about="A row without services is tried on four ports; that declares none of them.",
        subject=lab.site(services=usual),
        evidence=(DUAL, swept(V4), swept(V6, answers=(8443,))),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )
    yield case(
        code="EXPOSED",
        variant="ipmi",
        about="A baseboard controller answers the presence ping over UDP.",
        subject=OWNED,
        clearance=Clearance.INTRUSIVE,
        evidence=(DUAL, swept(V4), swept(V6), datagrams(V6, {"ipmi": 24})),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )
    yield case(
        code="EXPOSED",
        variant="snmp",
        about="A server's agent answers whoever asks for the id of its engine.",
        subject=OWNED,
        clearance=Clearance.INTRUSIVE,
        evidence=(DUAL, swept(V4), swept(V6, answers=(22,)), datagrams(V6, {"snmp": 101})),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )
    yield case(
        code="NONE_OPEN",
        variant="snmp-of-a-device",
        about="What is managed over SNMP may let us in; another check says whether it lets in strangers.",
        subject=replace(lab.router(V4, V6), services=lab.services(("snmp", 161))),
        evidence=(swept(V4), swept(V6), datagrams(V6, {"snmp": 101})),
        expect=(("NONE_OPEN", V4), ("NONE_OPEN", V6)),
    )
    yield case(
        code="NONE_OPEN",
        variant="8443-declared",
        about="A portal that is declared on 8443.",
        subject=lab.site(services=lab.services(("https", 443), ("https-alt", 8443))),
        evidence=(DUAL, swept(V4, 443, 8443), swept(V6, 443, 8443)),
        expect=(("NONE_OPEN", V4), ("NONE_OPEN", V6)),
    )
    yield case(
        code="SSH_OPEN",
        about="SSH alone; nobody was allowed to ask how it lets people in.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(22,))),
        expect=(("NONE_OPEN", V4), ("SSH_OPEN", V6)),
    )
    yield case(
        code="SSH_OPEN",
        variant="keys",
        about="Keys alone, but not declared as a jump host.",
        subject=OWNED,
        clearance=Clearance.INTRUSIVE,
        evidence=(DUAL, swept(V4), swept(V6, answers=(22,)), methods(V6, "publickey")),
        expect=(("NONE_OPEN", V4), ("SSH_OPEN", V6)),
    )
    yield case(
        code="SSH_OPEN",
        variant="passwords",
        about="A jump host that takes passwords is none; that it takes them is security.ssh.auth's finding.",
        subject=lab.site(tags=("jump-host",), clearance=Clearance.INTRUSIVE),
        clearance=Clearance.INTRUSIVE,
        evidence=(DUAL, swept(V4), swept(V6, answers=(22,)), methods(V6, "publickey", "password")),
        expect=(("NONE_OPEN", V4), ("SSH_OPEN", V6)),
    )
    yield case(
        code="JUMP_HOST",
        about="A declared jump host with keys alone.",
        subject=lab.site(tags=("jump-host",), clearance=Clearance.INTRUSIVE),
        clearance=Clearance.INTRUSIVE,
        evidence=(DUAL, swept(V4), swept(V6, answers=(22,)), methods(V6, "publickey")),
        expect=(("NONE_OPEN", V4), ("JUMP_HOST", V6)),
    )
    after = [port for port in SWEPT if port > 22]
    yield case(
        code="BANNED",
        variant="jump-host",
        about="A declared jump host with keys alone, which bans in mid-sweep: what else it has open is not known.",
        subject=lab.site(tags=("jump-host",), clearance=Clearance.INTRUSIVE),
        clearance=Clearance.INTRUSIVE,
        evidence=(
            DUAL,
            swept(V4),
            swept(V6, answers=(22,), silent=after, controls=(PortReply(port=22, failure=TIMEOUT),)),
            methods(V6, "publickey"),
        ),
        expect=(("NONE_OPEN", V4), ("BANNED", V6)),
    )
    yield case(
        code="EVERYTHING_OPEN",
        variant="jump-host",
        about="A declared jump host with keys alone, behind a device that accepts everything.",
        subject=lab.site(tags=("jump-host",), clearance=Clearance.INTRUSIVE),
        clearance=Clearance.INTRUSIVE,
        evidence=(
            DUAL,
            swept(V4),
            swept(V6, *(port for port in SWEPT if port != 22), answers=(22,)),
            methods(V6, "publickey"),
        ),
        expect=(("NONE_OPEN", V4), ("EVERYTHING_OPEN", V6)),
    )
    yield case(
        code="SSH_UNCLEAR",
        about="A declared jump host; its owner authorised no question about its methods.",
        subject=jump,
        evidence=(DUAL, swept(V4), swept(V6, answers=(22,))),
        expect=(("NONE_OPEN", V4), ("SSH_UNCLEAR", V6)),
    )
    yield case(
        code="SSH_UNCLEAR",
        variant="not-asked",
        about="A declared jump host; the question about its methods was not let out of the vantage.",
        subject=replace(jump, clearance=Clearance.INTRUSIVE),
        clearance=Clearance.INTRUSIVE,
        evidence=(DUAL, swept(V4), swept(V6, answers=(22,)), methods(V6, failure=FailureKind.FILTERED_HERE)),
        expect=(("NONE_OPEN", V4), ("SSH_UNCLEAR", V6)),
    )
    slow = SshExchange(address=ip_address(V6), port=22, banner="SSH-2.0-OpenSSH_7.4")
    yield case(
        code="SSH_OPEN",
        variant="slow",
        about="A server that looks up names first greets too late for the sweep, and not for the question about SSH.",
        evidence=(DUAL, swept(V4), swept(V6, 22), evidence("ssh", slow, task=V6, endpoint=at(V6, 22))),
        expect=(("NONE_OPEN", V4), ("SSH_OPEN", V6)),
    )
    yield case(
        code="SSH_OPEN",
        variant="moved",
        about="SSH that was moved to a port of the list is SSH.",
        evidence=(DUAL, swept(V4), swept(V6, 10000, greeting=b"SSH-2.0-dropbear_2024.86\r\n")),
        expect=(("NONE_OPEN", V4), ("SSH_OPEN", V6)),
    )
    yield case(
        code="EXPOSED",
        variant="behind-a-syn-proxy",
        about="Everything is accepted, and one protocol answers all the same: it is there.",
        evidence=(DUAL, swept(V4), swept(V6, *(port for port in SWEPT if port != 3389), answers=(3389,))),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )
    yield case(
        code="EVERYTHING_OPEN",
        variant="banners",
        about="A device of deception greets as SSH at every port, even at those that nobody uses.",
        evidence=(DUAL, swept(V4), swept(V6, *SWEPT, greeting=b"SSH-2.0-OpenSSH_9.9\r\n")),
        expect=(("NONE_OPEN", V4), ("EVERYTHING_OPEN", V6)),
    )
    site = (page(V4, 200), page(V6, 200))
    tomcat = b"<title>Apache Tomcat/9.0.89</title><h1>It works</h1><p>tomcat manager application host manager</p>"
    yield case(
        code="NONE_OPEN",
        variant="8443-own-page",
        about="8443 shows the site itself.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), *site, front(V6, 8443, PAGE)),
        expect=(("NONE_OPEN", V4), ("NONE_OPEN", V6)),
    )
    yield case(
        code="NONE_OPEN",
        variant="8443-leads-to-the-site",
        about="8443 sends everybody to the site.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), *site, moved(V6, 8443, f"https://{lab.WEB}/")),
        expect=(("NONE_OPEN", V4), ("NONE_OPEN", V6)),
    )
    unconnected = Failure(kind=TIMEOUT, detail=NO_CONNECT)
    for code, variant, about, failure in (
        (
            "PAGE_UNCLEAR",
            "8443-never-connected",
            "No connect was answered when 8443 was asked for its page.",
            unconnected,
        ),
        ("EXPOSED", "8443-no-page", "8443 accepts and speaks TLS, and shows no page.", why(TIMEOUT)),
    ):
        looked = FrontPage(address=ip_address(V6), port=8443, url=f"https://{lab.WEB}:8443/", failure=failure)
        looked_at = evidence("front_page", looked, task=V6, endpoint=at(V6, None))
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), *site, looked_at),
            expect=(("NONE_OPEN", V4), (code, V6)),
        )
    yield case(
        code="EXPOSED",
        variant="8443-other-page",
        about="8443 shows another page than the site.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), *site, front(V6, 8443, tomcat)),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )
    plesk = b"<title>Plesk Obsidian 18.0.60</title><body>Log in to Plesk</body>"
    yield case(
        code="PANEL",
        about="8443 shows the panel of the hoster at whose machine the site is one of many.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), *site, front(V6, 8443, plesk)),
        expect=(("NONE_OPEN", V4), ("PANEL", V6)),
    )
    yield case(
        code="PANEL",
        variant="beside-ssh-and-the-site",
        about="A hoster's panel, SSH, and another port with the page of the site: the first two are named.",
        evidence=(
            DUAL,
            swept(V4),
            swept(V6, answers=(22, 443, 8443, 10000)),
            *site,
            front(V6, 8443, plesk),
            front(V6, 10000, PAGE),
        ),
        expect=(("NONE_OPEN", V4), ("PANEL", V6)),
    )
    vpn = b'<html><body><script>window.location="/remote/login?lang=en"</script></body></html>'
    for variant, shows in (
        ("vpn", front(V6, 8443, vpn)),
        ("vpn-redirect", moved(V6, 8443, "/remote/login?lang=en")),
        ("sangfor", moved(V6, 8443, f"https://{lab.WEB}:8443/por/login_psw.csp?rnd=0.65")),
        ("array", moved(V6, 8443, "/prx/000/http/localhost/login")),
        ("watchguard", moved(V6, 8443, "/sslvpn_logon.shtml")),
        ("apm", moved(V6, 8443, "/my.policy")),
        ("horizon", front(V6, 8443, b"Missing route token in request", 404)),
        ("openvpn", _setting(V6, 8443, "openvpn_sess_b10a2c812557be001dccfdf23467a807")),
    ):
        yield case(
            code="PORTAL",
            variant=variant,
            about="On 8443 users log in to the VPN: that is what the port is there for, and nothing is managed by it.",
            evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), *site, shows),
            expect=(("NONE_OPEN", V4), ("PORTAL", V6)),
        )
    yield case(
        code="EXPOSED",
        variant="beside-a-portal",
        about="RDP beside it is none.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 3389, 8443)), *site, front(V6, 8443, vpn)),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )
    yield case(
        code="EXPOSED",
        variant="beside-a-panel",
        about="RDP is no hoster's panel.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 3389, 8443)), *site, front(V6, 8443, plesk)),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )
    yield case(
        code="EDGE",
        about="An edge of Cloudflare listens on 8443 for every customer, and has no origin there.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), *site, front(V6, 8443, b"", 521, "cloudflare")),
        expect=(("NONE_OPEN", V4), ("EDGE", V6)),
    )
    yield case(
        code="PAGE_UNCLEAR",
        about="Through the edge somebody's page is shown on 8443, and it is not the site.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), *site, front(V6, 8443, tomcat, 200, "cloudflare")),
        expect=(("NONE_OPEN", V4), ("PAGE_UNCLEAR", V6)),
    )
    yield case(
        code="PAGE_UNCLEAR",
        variant="certificate-alone",
        about="8443 shows the site's certificate, and no page came.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), tls(V6, GOOD), tls(V6, GOOD, port=8443)),
        expect=(("NONE_OPEN", V4), ("PAGE_UNCLEAR", V6)),
    )
    yield case(
        code="EXPOSED",
        variant="rdp-at-an-edge",
        about="Whoever the address belongs to: remote desktop answers there.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 3389)), *site, front(V6, 8443, b"", 521, "cloudflare")),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )

    yield case(
        code="EVERYTHING_OPEN",
        variant="web-device",
        about="A device in between accepts everything and answers HTTP and TLS itself: nothing of that is the host's.",
        evidence=(DUAL, swept(V4), swept(V6, *SWEPT, controls=(over(7547, HTTP), over(8443, TLS)))),
        expect=(("NONE_OPEN", V4), ("EVERYTHING_OPEN", V6)),
    )
    www = f"https://www.{lab.WEB}/"
    led = lab.http(V6, replace(lab.answer(V6, 301), location=www))
    yield case(
        code="NONE_OPEN",
        variant="8443-leads-where-the-site-leads",
        about="The site sends everybody to its www name, and so does 8443.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), led, moved(V6, 8443, www)),
        expect=(("NONE_OPEN", V4), ("NONE_OPEN", V6)),
    )
    yield case(
        code="EXPOSED",
        variant="rdp-beside-the-site",
        about="Remote desktop answers, and 8443 leads where the site leads: that port is not named.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 3389, 8443)), led, moved(V6, 8443, www)),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )
    yield case(
        code="NONE_OPEN",
        variant="8443-leads-to-a-filtered-site",
        about="8443 sends everybody to the site, whose own page a filter keeps from the auditor.",
        evidence=(
            DUAL,
            swept(V4),
            swept(V6, answers=(443, 8443)),
            page(V4, 403),
            page(V6, 403),
            moved(V6, 8443, f"https://{lab.WEB}/"),
        ),
        expect=(("NONE_OPEN", V4), ("NONE_OPEN", V6)),
    )
    yield case(
        code="PAGE_UNCLEAR",
        variant="certificate-behind-a-filter",
        about="8443 shows the site's certificate, and a filter instead of the page.",
        evidence=(
            DUAL,
            swept(V4),
            swept(V6, answers=(443, 8443)),
            tls(V6, GOOD),
            tls(V6, GOOD, port=8443),
            front(V6, 8443, b"<h1>Forbidden</h1>", 403),
        ),
        expect=(("NONE_OPEN", V4), ("PAGE_UNCLEAR", V6)),
    )
    own = (tls(V6, GOOD), tls(V6, GOOD, port=8443))
    nowhere = b"<h1>Not Found</h1><p>Nothing is here.</p>"
    for variant, code, about, answers in (
        (
            "api-behind-404",
            "PAGE_UNCLEAR",
            "8443 shows the site's certificate, and an API that has nothing at its root.",
            (*own, front(V6, 8443, nowhere, 404)),
        ),
        (
            "api-in-json",
            "PAGE_UNCLEAR",
            "8443 shows the site's certificate, and answers programs.",
            (*own, front(V6, 8443, b'{"trangThai": "OK"}')),
        ),
        (
            "404-without-certificate",
            "EXPOSED",
            "Nothing shows that what answers on 8443 is of the site.",
            (front(V6, 8443, nowhere, 404),),
        ),
        (
            "own-certificate-other-page",
            "EXPOSED",
            "8443 shows the site's certificate, and a page for people that is not the site's.",
            (*own, front(V6, 8443, tomcat)),
        ),
    ):
        yield case(
            code=code,
            variant=variant,
            about=about,
            evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), *site, *answers),
            expect=(("NONE_OPEN", V4), (code, V6)),
        )
    elsewhere = lab.site(services=lab.services(("https", 443), ("https-alt", 10000)))
    yield case(
        code="NONE_OPEN",
        variant="declared-on-10000",
        about="A portal that is declared on a port of the list, and speaks TLS there.",
        subject=elsewhere,
        evidence=(DUAL, swept(V4), swept(V6, controls=(over(10000, TLS),))),
        expect=(("NONE_OPEN", V4), ("NONE_OPEN", V6)),
    )
    yield case(
        code="EXPOSED",
        variant="telnet-on-a-declared-port",
        about="The port is declared for a web site, and Telnet answers there.",
        subject=lab.site(services=lab.services(("https", 443), ("https-alt", 8443))),
        evidence=(DUAL, swept(V4), swept(V6, 8443, greeting=b"\xff\xfd\x18\xff\xfd\x20")),
        expect=(("NONE_OPEN", V4), ("EXPOSED", V6)),
    )
    yield case(
        code="SSH_OPEN",
        variant="jump-host-with-another",
        about="A jump host takes keys alone on 22; of the SSH on another port nobody knows that.",
        subject=lab.site(tags=("jump-host",), clearance=Clearance.INTRUSIVE),
        clearance=Clearance.INTRUSIVE,
        evidence=(
            DUAL,
            swept(V4),
            swept(V6, 22, 10000, greeting=b"SSH-2.0-dropbear_2024.86\r\n"),
            methods(V6, "publickey"),
        ),
        expect=(("NONE_OPEN", V4), ("SSH_OPEN", V6)),
    )


def over(port: int, reply: bytes) -> PortReply:
    """Return a port with its reply to our message."""
    return PortReply(port=port, reply=reply)


def ftp(address: str, code: int | None, greeting: str = "220 ready") -> Evidence:
    step = FtpGreeting(address=ip_address(address), port=21, greeting=greeting, auth_tls=code)
    return evidence("ftp", step, task=address, endpoint=at(address, None))


def front(address: str, port: int, body: bytes, status: int = 200, server: str = "") -> Evidence:
    url = f"http://[{address}]:{port}/"
    step = FrontPage(address=ip_address(address), port=port, url=url, status=status, body=body, server=server)
    return evidence("front_page", step, task=address, endpoint=at(address, None))


def _setting(address: str, port: int, cookie: str) -> Evidence:
    """Return a page that comes with a cookie."""
    step = FrontPage(address=ip_address(address), port=port, url=f"https://[{address}]:{port}/", status=200)
    step = replace(step, cookies=(cookie,), body=b"<title>Login</title><form><input name=user></form>")
    return evidence("front_page", step, task=address, endpoint=at(address, None))


def moved(address: str, port: int, location: str) -> Evidence:
    """Return a redirect as the answer of a port."""
    url = f"https://[{address}]:{port}/"
    step = FrontPage(address=ip_address(address), port=port, url=url, status=301, location=location)
    return evidence("front_page", step, task=address, endpoint=at(address, None))


def cleartext() -> Iterator[Case]:
    check = "security.ports.cleartext"
    yield from frame(check, "NONE")
    yield from unproven(check, "NONE", 23)
    yield from banned(check, "NONE")
    case = partial(Case, check=check, subject=SITE, controls=EVERY_PORT)
    yield case(
        code="CLEARTEXT",
        trap="T8",
        about="Telnet over IPv6 alone.",
        evidence=(DUAL, swept(V4), swept(V6, 23, greeting=b"\xff\xfd\x18login: ")),
        expect=(("NONE", V4), ("CLEARTEXT", V6)),
    )
    yield case(
        code="UNCONFIRMED",
        about="Syslog uses TCP 514 too: what says nothing is not accused of being rsh.",
        evidence=(DUAL, swept(V4), swept(V6, 514)),
        expect=(("NONE", V4), ("UNCONFIRMED", V6)),
    )
    yield case(
        code="CLEARTEXT",
        variant="ftp",
        about="FTP that knows no AUTH TLS.",
        evidence=(DUAL, swept(V4), swept(V6, 21), ftp(V6, 502)),
        expect=(("NONE", V4), ("CLEARTEXT", V6)),
    )
    yield case(
        code="EVERYTHING_OPEN",
        variant="ftp-of-a-deceiver",
        about="A device of deception greets at every port; that it greets as FTP too says no more.",
        evidence=(DUAL, swept(V4), swept(V6, *SWEPT, greeting=b"220 ready\r\n"), ftp(V6, 502)),
        expect=(("NONE", V4), ("EVERYTHING_OPEN", V6)),
    )
    yield case(
        code="FTP_WITH_TLS",
        about="FTP that would encrypt; whether it insists is not known.",
        evidence=(DUAL, swept(V4), swept(V6, 21), ftp(V6, 234)),
        expect=(("NONE", V4), ("FTP_WITH_TLS", V6)),
    )
    yield case(
        code="PUBLIC_FTP",
        about="Declared as public.",
        subject=lab.site(tags=("public-ftp",)),
        evidence=(DUAL, swept(V4), swept(V6, 21), ftp(V6, 502)),
        expect=(("NONE", V4), ("PUBLIC_FTP", V6)),
    )
    yield case(
        code="FTP_UNCLEAR",
        about="21 is open and says nothing: no FTP was seen.",
        evidence=(DUAL, swept(V4), swept(V6, 21)),
        expect=(("NONE", V4), ("FTP_UNCLEAR", V6)),
    )
    for variant, about, code, greeting in (
        ("sent-away", "vsftpd lets only some addresses in (tcp_wrappers).", 530, "421 Service not available."),
        ("no-server", "ProFTPD has no server for this address.", None, "500 Sorry, no server available."),
        ("full", "It leaves at the question: there are too many connections.", 421, "220 ready"),
        ("broke-off", "It breaks off at the question, or is too slow to answer it.", None, "220 ready"),
    ):
        yield case(
            code="FTP_UNCLEAR",
            variant=variant,
            about=about,
            evidence=(DUAL, swept(V4), swept(V6, 21), ftp(V6, code, greeting)),
            expect=(("NONE", V4), ("FTP_UNCLEAR", V6)),
        )
    sent_away = "421 Service not available."
    yield case(
        code="FTP_UNCLEAR",
        variant="greets-and-sends-away",
        about="The sweep too heard how the server sends strangers away: what it offers others was not seen.",
        evidence=(DUAL, swept(V4), swept(V6, 21, greeting=sent_away.encode()), ftp(V6, 530, sent_away)),
        expect=(("NONE", V4), ("FTP_UNCLEAR", V6)),
    )
    yield case(
        code="CLEARTEXT",
        variant="tftp",
        about="A TFTP server says that there is no such file.",
        subject=OWNED,
        clearance=Clearance.INTRUSIVE,
        evidence=(DUAL, swept(V4), swept(V6), datagrams(V6, {"tftp": 19})),
        expect=(("NONE", V4), ("CLEARTEXT", V6)),
    )
    router = lab.router(V4, V6)
    mikrotik = front(V6, 80, b"<title>RouterOS v7.1</title>")
    yield case(
        code="CLEARTEXT",
        variant="web",
        about="A router that is managed by a page over HTTP alone.",
        subject=router,
        evidence=(swept(V4), swept(V6, 80), mikrotik),
        expect=(("NONE", V4), ("CLEARTEXT", V6)),
    )
    yield case(
        code="NONE",
        variant="web-tls",
        about="The same with HTTPS beside it.",
        subject=router,
        evidence=(swept(V4), swept(V6, answers=(80, 443)), mikrotik),
        expect=(("NONE", V4), ("NONE", V6)),
    )
    yield case(
        code="NONE",
        variant="web-site",
        about="A page of a product on a web site is another check's finding.",
        evidence=(DUAL, swept(V4), swept(V6, 80), mikrotik),
        expect=(("NONE", V4), ("NONE", V6)),
    )
    yield case(
        code="WEB_UNCLEAR",
        variant="page",
        about="A page that says nothing of a device.",
        subject=router,
        evidence=(swept(V4), swept(V6, 80), front(V6, 80, b"<title>Hello</title>")),
        expect=(("NONE", V4), ("WEB_UNCLEAR", V6)),
    )
    yield case(
        code="WEB_UNCLEAR",
        about="A router with port 80 and no HTTPS: it may be its management, which was not looked at.",
        subject=lab.router(V4, V6),
        evidence=(swept(V4), swept(V6, 80)),
        expect=(("NONE", V4), ("WEB_UNCLEAR", V6)),
    )
    yield case(
        code="WRAPPED",
        about="Telnet behind a wrapper that hangs up at once.",
        evidence=(DUAL, swept(V4), swept(V6, ended=(23,))),
        expect=(("NONE", V4), ("WRAPPED", V6)),
    )

    yield case(
        code="NONE",
        variant="ssh-on-23",
        about="SSH on the port of Telnet is encrypted.",
        evidence=(DUAL, swept(V4), swept(V6, 23, greeting=b"SSH-2.0-OpenSSH_9.9\r\n")),
        expect=(("NONE", V4), ("NONE", V6)),
    )
    yield case(
        code="UNCONFIRMED",
        variant="chatter",
        about="Something greets on 23, and not as Telnet does.",
        evidence=(DUAL, swept(V4), swept(V6, 23, greeting=b"welcome to the game\r\n")),
        expect=(("NONE", V4), ("UNCONFIRMED", V6)),
    )
    yield case(
        code="CLEARTEXT",
        variant="prompt",
        about="Telnet without options asks who is there.",
        evidence=(DUAL, swept(V4), swept(V6, 23, greeting=b"\r\nUser Access Verification\r\n\r\nUsername: ")),
        expect=(("NONE", V4), ("CLEARTEXT", V6)),
    )


def negotiated(address: str, *, one: bool | None, two: bool | None = True, signing: bool = True) -> Evidence:
    where = ip_address(address)
    steps = [
        SmbNegotiate(address=where, port=445, version=1, accepted=one),
        SmbNegotiate(address=where, port=445, version=2, accepted=two, dialect=0x0302, signing_required=signing),
    ]
    return evidence("smb", *steps, task=address, endpoint=at(address, None))


def smb() -> Iterator[Case]:
    check = "security.ports.smb"
    yield from frame(check, "CLOSED")
    yield from banned(check, "CLOSED")
    yield from unproven(check, "CLOSED", 445)
    inside = frozenset({Network.TSLCD})
    case = partial(Case, check=check, controls=EVERY_PORT, subject=INSIDE, networks=inside)
    looks = (DUAL, swept(V4), swept(V6, 445))
    deceived = (DUAL, swept(V4), swept(V6, *SWEPT, greeting=b"SSH-2.0-OpenSSH_9.9\r\n"), negotiated(V6, one=True))
    yield case(
        code="EVERYTHING_OPEN",
        variant="smb-of-a-deceiver",
        about="A device of deception answers at every port, and speaks SMB too.",
        evidence=deceived,
        expect=(("CLOSED", V4), ("EVERYTHING_OPEN", V6)),
    )
    yield case(
        code="SMB1",
        about="SMB 1, even inside.",
        evidence=(*looks, negotiated(V6, one=True)),
        expect=(("CLOSED", V4), ("SMB1", V6)),
    )
    yield case(
        code="SIGNED",
        about="SMB 2 and later, signed, inside.",
        evidence=(*looks, negotiated(V6, one=False)),
        expect=(("CLOSED", V4), ("SIGNED", V6)),
    )
    yield case(
        code="UNSIGNED",
        about="SMB 2 and later without compulsory signing, inside.",
        evidence=(*looks, negotiated(V6, one=False, signing=False)),
        expect=(("CLOSED", V4), ("UNSIGNED", V6)),
    )
    yield case(
        code="NOT_NEGOTIATED",
        about="445 is open, and nobody answered: which SMB it speaks is not known.",
        evidence=looks,
        expect=(("CLOSED", V4), ("NOT_NEGOTIATED", V6)),
    )
    for variant, one, two in (("no-word-of-1", None, True), ("declines-both", False, False)):
        yield case(
            code="NOT_NEGOTIATED",
            variant=variant,
            about="Only who declines version 1 and accepts a later one is known to be without version 1.",
            evidence=(*looks, negotiated(V6, one=one, two=two)),
            expect=(("CLOSED", V4), ("NOT_NEGOTIATED", V6)),
        )
    yield case(
        code="EXPOSED",
        about="SMB towards the internet is a failure however modern it is.",
        subject=SITE,
        networks=frozenset({Network.INTERNET}),
        evidence=(*looks, negotiated(V6, one=False)),
        expect=(("CLOSED", V4), ("EXPOSED", V6)),
    )
    yield case(
        code="NOT_NEGOTIATED",
        variant="mute-on-the-internet",
        about="445 accepts and says nothing, as ports behind some providers do: no SMB was seen.",
        subject=SITE,
        networks=frozenset({Network.INTERNET}),
        evidence=looks,
        expect=(("CLOSED", V4), ("NOT_NEGOTIATED", V6)),
    )
    yield case(
        code="EXPOSED",
        variant="by-the-sweep",
        about="The sweep's own question was answered.",
        subject=SITE,
        networks=frozenset({Network.INTERNET}),
        evidence=(DUAL, swept(V4), swept(V6, answers=(445,))),
        expect=(("CLOSED", V4), ("EXPOSED", V6)),
    )
    yield case(
        code="CLOSED",
        variant="reset-after-accept",
        about="Accepted and reset without a byte: nothing is behind.",
        subject=SITE,
        networks=frozenset({Network.INTERNET}),
        evidence=(DUAL, swept(V4), swept(V6, reset=(445,))),
        expect=(("CLOSED", V4), ("CLOSED", V6)),
    )


def parity() -> Iterator[Case]:
    check = "security.ports.v4v6-parity"
    case = partial(Case, check=check, subject=SITE, controls=EVERY_PORT)
    for code, looks in (("NO_DNS_ANSWER", NO_ANSWER), ("DNS_NOT_ASKED", CUT), ("DNS_CONTRADICTS", CONTRADICTION)):
        yield case(code=code, about="The AAAA is not known.", evidence=(looks, swept(V4)), expect=((code, None),))
    again = (
        swept(V4, tried=(443, 23), answers=(443,), silent=(23,), minutes=11),
        swept(V6, tried=(443, 23), answers=(23, 443), minutes=11),
    )
    telnet_over_ipv6 = (swept(V4, answers=(443,), silent=(23,)), swept(V6, answers=(23, 443)))
    after = [port for port in SWEPT if port > 25]
    yield case(code="NO_ADDRESS", about="No address.", evidence=(names((), ()),), expect=(("NO_ADDRESS", None),))
    yield case(
        code="SAME",
        about="The same ports on both families.",
        evidence=(DUAL, swept(V4, 80, 443), swept(V6, 80, 443)),
        expect=(("SAME", None),),
    )
    yield case(
        code="HOLE",
        trap="T8",
        about="Telnet is filtered over IPv4 and open over IPv6, and so it is ten minutes later.",
        evidence=(DUAL, *telnet_over_ipv6, *again),
        expect=(("HOLE", None),),
    )
    yield case(
        code="HOLE",
        variant="one-round",
        one_round=True,
        about="A quick run looks once, and says so.",
        evidence=(DUAL, *telnet_over_ipv6),
        expect=(("HOLE", None),),
    )
    yield case(
        code="NOT_SEEN_TWICE",
        about="The time was up before anybody looked again.",
        evidence=(DUAL, *telnet_over_ipv6),
        expect=(("NOT_SEEN_TWICE", None),),
    )
    yield case(
        code="NOT_SEEN_TWICE",
        variant="gone",
        about="Ten minutes later it is shut over IPv6 as well.",
        evidence=(DUAL, *telnet_over_ipv6, again[0], swept(V6, tried=(443, 23, 443), answers=(443,), minutes=11)),
        expect=(("NOT_SEEN_TWICE", None),),
    )
    yield case(
        code="SAME",
        variant="open-later",
        about="Ten minutes later it is open over IPv4 as well: the first silence was of the moment.",
        evidence=(DUAL, *telnet_over_ipv6, swept(V4, tried=(443, 23), answers=(23, 443), minutes=11), again[1]),
        expect=(("SAME", None),),
    )
    yield case(
        code="MUTE",
        about="A port accepts over IPv6 alone, and says nothing.",
        evidence=(DUAL, swept(V4, answers=(443,)), swept(V6, 3389, answers=(443,))),
        expect=(("MUTE", None),),
    )
    yield case(
        code="BANNED",
        about="An IPS bans the vantage over IPv4 in mid-sweep; the control, open before, is silent after it.",
        evidence=(
            DUAL,
            swept(V4, answers=(22,), silent=after, controls=(PortReply(port=22, failure=TIMEOUT),)),
            swept(V6, answers=(22, 443, 3389)),
        ),
        expect=(("BANNED", None),),
    )
    late = [port for port in SWEPT if port > 5900]
    silences = (PortReply(port=port, failure=TIMEOUT) for port in (22, *late))
    yield case(
        code="BANNED",
        variant="last-control-unheard",
        about="The ban comes late, and this machine was too busy to hear the control behind what it asked again.",
        evidence=(
            DUAL,
            swept(
                V4, answers=(22,), silent=late, controls=(*silences, PortReply(port=22, failure=FailureKind.CUT_SHORT))
            ),
            swept(V6, answers=(22,)),
        ),
        expect=(("BANNED", None),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="control-unheard",
        about="Silence over IPv4 behind which no control was heard, because this machine was too busy.",
        evidence=(
            DUAL,
            swept(V4, answers=(22,), silent=after, controls=(PortReply(port=22, failure=FailureKind.CUT_SHORT),)),
            swept(V6, answers=(22,)),
        ),
        expect=(("NOT_DECIDED", V4),),
    )
    yield case(
        code="BANNED",
        variant="known-open",
        about="443 is silent in the sweep, and the same run got the page there: the silence is for us.",
        evidence=(
            DUAL,
            *lab.ports(V4, 80, 443),
            *lab.ports(V6, 80, 443),
            page(V4, 200),
            page(V6, 200),
            swept(V4, silent=after),
            swept(V6, answers=(80, 443, 3389)),
        ),
        expect=(("BANNED", None),),
    )
    yield case(
        code="HOLE",
        variant="8443-not-declared",
        one_round=True,
        about="A row without services is tried on 8443; that declares no web service there.",
        subject=lab.site(services=lab.services(("http", 80), ("https", 443), ("http-alt", 8080), ("https-alt", 8443))),
        evidence=(DUAL, swept(V4, answers=(443,)), swept(V6, answers=(443, 8443))),
        expect=(("HOLE", None),),
    )
    greeted = SshExchange(address=ip_address(V4), port=22, banner="SSH-2.0-OpenSSH_9.9")
    yield case(
        code="SAME",
        variant="limit-on-connections",
        one_round=True,
        about="A limit on new connections refuses SSH to the sweep over IPv4, where it greeted the question about SSH.",
        evidence=(
            DUAL,
            swept(V4, answers=(443,)),
            evidence("ssh", greeted, task=V4, endpoint=at(V4, 22)),
            swept(V6, answers=(22, 443)),
        ),
        expect=(("SAME", None),),
    )
    started = SmtpDialogue(address=ip_address(V4), port=25, server_name="mx.tinh-a.example")
    chain = tuple(one.public_bytes(Encoding.DER) for one in GOOD)
    secured = TlsHandshake(
        address=ip_address(V4),
        port=25,
        server_name=lab.WEB,
        protocol="smtp",
        version="TLSv1.3",
        cipher="TLS_AES_256_GCM_SHA384",
        chain=chain,
    )
    yield case(
        code="SAME",
        variant="starttls",
        one_round=True,
        about="The mail exchanger drops what comes close together over IPv4; a STARTTLS was made there in this run.",
        evidence=(
            DUAL,
            swept(V4, silent=(25,), answers=(443,)),
            evidence("smtp", replace(started, failure=why(TIMEOUT)), task=V4, endpoint=at(V4, 25)),
            evidence("smtp", secured, task=V4, endpoint=at(V4, 25), attempt=2),
            swept(V6, answers=(25, 443)),
        ),
        expect=(("SAME", None),),
    )
    yield case(
        code="ONE_SILENT",
        one_round=True,
        trap="W2",
        about="The vantage was banned over IPv4 before the audit began: nothing of it answers, not even echo.",
        evidence=(DUAL, swept(V4, silent=SWEPT), lab.echo(V4, 0), swept(V6, answers=(22, 443))),
        expect=(("ONE_SILENT", None),),
    )
    yield case(
        code="ONE_SILENT",
        variant="ipv6",
        about="The path drops all that goes to the host over IPv6.",
        evidence=(DUAL, swept(V4, answers=(22, 443)), swept(V6, silent=SWEPT), lab.echo(V6, 0)),
        expect=(("ONE_SILENT", None),),
    )
    yield case(
        code="HOLE",
        variant="echo-answers",
        one_round=True,
        about="IPv4 drops every port and answers echo: the host is there, and its rules differ.",
        evidence=(DUAL, swept(V4, silent=SWEPT), lab.echo(V4, 5), swept(V6, answers=(443, 3389))),
        expect=(("HOLE", None),),
    )
    plesk = b"<title>Plesk Obsidian 18.0.60</title><body>Log in to Plesk</body>"
    site = (page(V4, 200), page(V6, 200))
    yield case(
        code="PANEL_ON_IPV6",
        one_round=True,
        about="The hosting company's panel is open over IPv6 alone: its log-in is no hole in the site's firewall.",
        evidence=(DUAL, swept(V4, answers=(443,)), swept(V6, answers=(443, 8443)), *site, front(V6, 8443, plesk)),
        expect=(("PANEL_ON_IPV6", None),),
    )
    yield case(
        code="HOLE",
        variant="own-page",
        one_round=True,
        about="8443 over IPv6 alone, though it shows no more than the site: the rules differ.",
        evidence=(DUAL, swept(V4, answers=(443,)), swept(V6, answers=(443, 8443)), *site, front(V6, 8443, PAGE)),
        expect=(("HOLE", None),),
    )
    yield case(
        code="HOLE",
        variant="beside-a-panel",
        one_round=True,
        about="Remote desktop beside the panel is a hole.",
        evidence=(DUAL, swept(V4, answers=(443,)), swept(V6, answers=(443, 3389, 8443)), *site, front(V6, 8443, plesk)),
        expect=(("HOLE", None),),
    )
    yield case(
        code="SAME",
        variant="edge",
        one_round=True,
        about="IPv6 leads to an edge of a content network, IPv4 to the origin: what the edge has open is its own.",
        evidence=(
            DUAL,
            swept(V4, answers=(443,)),
            swept(V6, answers=(443, 8080, 8443)),
            *site,
            front(V6, 8080, b"", 521, "cloudflare"),
            front(V6, 8443, b"", 521, "cloudflare"),
        ),
        expect=(("SAME", None),),
    )
    yield case(
        code="SAME",
        variant="edge-over-ipv4",
        about="The same with the edge over IPv4.",
        evidence=(
            DUAL,
            swept(V4, answers=(443, 8443)),
            swept(V6, answers=(443,)),
            *site,
            front(V4, 8443, b"", 521, "cloudflare"),
        ),
        expect=(("SAME", None),),
    )
    yield case(
        code="SAME",
        variant="web",
        about="The ports of a site's pages are another check's.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(80, 443))),
        expect=(("SAME", None),),
    )
    yield case(
        code="MORE_ON_IPV4",
        about="A port that only IPv4 has is no hole.",
        evidence=(DUAL, swept(V4, answers=(443, 8080)), swept(V6, answers=(443,))),
        expect=(("MORE_ON_IPV4", None),),
    )
    yield case(
        code="SHUT_OTHERWISE",
        about="IPv4 drops what IPv6 refuses.",
        evidence=(DUAL, swept(V4, 443, silent=(23, 3389)), swept(V6, 443)),
        expect=(("SHUT_OTHERWISE", None),),
    )
    gone = FailureKind.UNREACHABLE
    yield case(
        code="NOT_DECIDED",
        variant="nobody-there",
        about="The host is down: a router says so of as many requests as its rate limit on errors allows.",
        evidence=(DUAL, swept(V4, silent=SWEPT[5:], shut=gone), swept(V6, silent=SWEPT[:9], shut=gone)),
        expect=(("NOT_DECIDED", V6),),
    )
    yield case(
        code="SAME",
        variant="unreachable-or-silent",
        about="That a router calls the host unreachable is no refusal by its firewall.",
        evidence=(DUAL, swept(V4, 443, shut=gone), swept(V6, 443, silent=set(SWEPT) - {443})),
        expect=(("SAME", None),),
    )
    few = SWEPT[::6]
    yield case(
        code="NOT_DECIDED",
        variant="rejects",
        about="The firewall rejects over both families by ICMP errors, of which Linux sends one a second over IPv4.",
        evidence=(DUAL, swept(V4, 443, silent=set(SWEPT) - {443, *few}), swept(V6, 443)),
        expect=(("NOT_DECIDED", V4),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="rejects-as-prohibited",
        about="The same where it says that it prohibits the connection, which over IPv4 is told as a host not reached.",
        evidence=(
            DUAL,
            swept(V4, 443, silent=set(SWEPT) - {443, *few}, shut=gone),
            swept(V6, 443, shut=FailureKind.PROHIBITED),
        ),
        expect=(("NOT_DECIDED", V4),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="prohibits",
        about="The same without a limit.",
        evidence=(DUAL, swept(V4, 443, shut=gone), swept(V6, 443, shut=FailureKind.PROHIBITED)),
        expect=(("NOT_DECIDED", V4),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="rejects-more-later",
        about="Most ports that were silent at first are refused later: the others may be refused as well.",
        evidence=(
            DUAL,
            swept(V4, 443, silent=SWEPT[10:30]),
            swept(V4, 443, silent=SWEPT[10:14], minutes=10),
            swept(V6, 443),
        ),
        expect=(("NOT_DECIDED", V4),),
    )
    yield case(
        code="SHUT_OTHERWISE",
        variant="prohibited",
        about="A firewall says over IPv6 that it prohibits what IPv4 drops.",
        evidence=(DUAL, swept(V4, 443, silent=set(SWEPT) - {443}), swept(V6, 443, shut=FailureKind.PROHIBITED)),
        expect=(("SHUT_OTHERWISE", None),),
    )
    yield case(
        code="SHUT_OTHERWISE",
        variant="drops-on-a-lossy-line",
        about="IPv4 drops all that IPv6 refuses; the line loses one echo request of ten besides.",
        evidence=(
            DUAL,
            swept(V4, 443, silent=SWEPT),
            swept(V4, tried=SWEPT[3:], silent=SWEPT[3:], minutes=1),
            lab.echo(V4, 9, 10),
            swept(V6, 443),
        ),
        expect=(("SHUT_OTHERWISE", None),),
    )
    yield case(
        code="NOT_DECIDED",
        variant="loses-connects",
        about="The line over IPv4 loses connects: of six that were silent first five refuse when they are asked again.",
        evidence=(
            DUAL,
            swept(V4, 443, silent=(21, 23, 25, 3306, 3389, 5986)),
            swept(V4, tried=(21, 23, 25, 3306, 3389, 5986), silent=(5986,), minutes=1),
            swept(V6, 443),
        ),
        expect=(("NOT_DECIDED", V4),),
    )
    for variant, how, six in (
        ("loses-echoes", "refuses over IPv6", swept(V6, 443)),
        ("loses-echoes-of-a-hole", "answers over IPv6", swept(V6, 443, answers=(3389,))),
    ):
        yield case(
            code="NOT_DECIDED",
            variant=variant,
            one_round=True,
            about=f"One port is silent over IPv4 and {how}; the line over IPv4 loses two echo requests of five.",
            evidence=(DUAL, swept(V4, 443, silent=(3389,)), lab.echo(V4, 3), six),
            expect=(("NOT_DECIDED", V4),),
        )
    yield case(
        code="ONE_FAMILY", about="IPv4 alone.", evidence=(names(), swept(V4, 443)), expect=(("ONE_FAMILY", None),)
    )
    yield case(
        code="OTHER_MACHINES",
        about="No TLS key in common: these are two machines, and two machines may differ.",
        evidence=(
            DUAL,
            swept(V4, 443),
            swept(V6, 23, 443),
            tls(V4, GOOD),
            tls(V6, (lab.leaf(lab.WEB, number=11), lab.MIDDLE)),
        ),
        expect=(("OTHER_MACHINES", None),),
    )
    other = (lab.leaf(lab.WEB, number=11), lab.MIDDLE)
    sides = (DUAL, swept(V4, answers=(22, 443)), swept(V6, answers=(22, 443, 3389)))
    yield case(
        code="HOLE",
        variant="another-certificate",
        one_round=True,
        about="One SSH host key: it is one machine, though it presents another certificate over IPv6.",
        evidence=(*sides, *(ssh_key(address, 1) for address in (V4, V6)), tls(V4, GOOD), tls(V6, other)),
        expect=(("HOLE", None),),
    )
    yield case(
        code="HOLE",
        variant="certificates-of-two-ports",
        one_round=True,
        about="The certificates that were seen are those of different services.",
        evidence=(*sides, tls(V4, GOOD), tls(V6, other, port=8443)),
        expect=(("HOLE", None),),
    )
    yield case(
        code="OTHER_MACHINES",
        variant="one-certificate",
        one_round=True,
        about="Two SSH host keys: a certificate for several machines does not make them one.",
        evidence=(*sides, ssh_key(V4, 1), ssh_key(V6, 2), tls(V4, GOOD), tls(V6, GOOD)),
        expect=(("OTHER_MACHINES", None),),
    )
    yield case(
        code="UNPROVEN",
        trap="T5",
        controls=ALL_CONTROLS,
        about="23 is silent over IPv4, and so it is everywhere from here: no hole can be claimed.",
        evidence=(DUAL, swept(V4, 443, silent=(23,)), swept(V6, 23, 443)),
        expect=(("UNPROVEN", None),),
    )
    yield case(
        code="EVERYTHING_OPEN",
        about="A middlebox accepts everything over IPv6.",
        evidence=(DUAL, swept(V4, 443), swept(V6, *SWEPT)),
        expect=(("EVERYTHING_OPEN", None),),
    )
    yield case(
        code="NOT_DECIDED",
        trap="R3",
        about="The sweep of IPv6 was cut short.",
        evidence=(DUAL, swept(V4, 443), swept(V6, failure=FailureKind.CUT_SHORT)),
        expect=(("NOT_DECIDED", None),),
    )
    yield case(
        code="U_V6",
        trap="T1",
        gated=True,
        families=frozenset({4}),
        about="Without IPv6 here nothing is said of a difference.",
        evidence=(DUAL, swept(V4, 443), swept(V6, silent=SWEPT)),
        expect=(("U_V6", None),),
    )


def unexpected() -> Iterator[Case]:
    check = "security.ports.unexpected"
    known = lab.site(declared=DeclaredFacts(allowed_ports=(80, 443, 22)))
    yield from frame(check, "AS_APPROVED", subject=known)
    yield from unproven(check, "AS_APPROVED", 3389, subject=known)
    yield from banned(check, "AS_APPROVED", subject=known)
    yield from mute(check, "AS_APPROVED", 3389, subject=known)
    case = partial(Case, check=check, subject=known, controls=EVERY_PORT)
    yield case(
        code="AS_APPROVED",
        about="A subset of what is approved.",
        evidence=(DUAL, swept(V4, 80, 443), swept(V6, 443)),
        expect=(("AS_APPROVED", V4), ("AS_APPROVED", V6)),
    )
    yield case(
        code="NEW_PORTS",
        about="8080 was never approved.",
        evidence=(DUAL, swept(V4, 80, 443), swept(V6, 443, answers=(8080,))),
        expect=(("AS_APPROVED", V4), ("NEW_PORTS", V6)),
    )
    yield case(
        code="NEW_MANAGEMENT",
        about="Remote desktop was never approved.",
        evidence=(DUAL, swept(V4, 80, 443), swept(V6, 443, answers=(3389,))),
        expect=(("AS_APPROVED", V4), ("NEW_MANAGEMENT", V6)),
    )
    yield case(
        code="NO_BASELINE",
        about="The inventory approves nothing, so nothing can be compared.",
        subject=SITE,
        evidence=(DUAL, swept(V4, 3389)),
        expect=(("NO_BASELINE", None),),
    )
    site = (page(V4, 200), page(V6, 200))
    yield case(
        code="NEW_PORTS",
        variant="own-page",
        about="8443 shows the site itself: no port of management, and not approved.",
        evidence=(DUAL, swept(V4), swept(V6, answers=(443, 8443)), *site, front(V6, 8443, PAGE)),
        expect=(("AS_APPROVED", V4), ("NEW_PORTS", V6)),
    )
    yield case(
        code="AS_APPROVED",
        variant="edge",
        about="What an edge of a content network has open for everybody is not this owner's to approve.",
        evidence=(
            DUAL,
            swept(V4),
            swept(V6, answers=(443, 8080, 8443)),
            *site,
            front(V6, 8080, PAGE, 200, "cloudflare"),
            front(V6, 8443, b"", 521, "cloudflare"),
        ),
        expect=(("AS_APPROVED", V4), ("AS_APPROVED", V6)),
    )


def datagrams(
    address: str, answers: dict[str, int], *, others: FailureKind = REFUSED, asked: Iterable[str] = REQUESTS
) -> Evidence:
    """Return evidence of UDP services; ``answers``: bytes received for each service that answered."""
    steps = [
        DatagramReply(
            address=ip_address(address),
            port=REQUESTS[name].port,
            service=name,
            sent=len(REQUESTS[name].payload),
            received=answers.get(name, 0),
            reply=b"x" if name in answers else None,
            failure=None if name in answers else why(others),
        )
        for name in asked
    ]
    return evidence("datagrams", *steps, task=address, endpoint=at(address, None))


def amplifiers() -> Iterator[Case]:
    check = "security.ports.amplifiers"
    case = partial(Case, check=check, subject=OWNED, clearance=Clearance.INTRUSIVE, controls=UDP)
    four = datagrams(V4, {})
    for code, looks in (("NO_DNS_ANSWER", NO_ANSWER), ("DNS_NOT_ASKED", CUT)):
        yield case(
            code=code, about="The AAAA is not known.", evidence=(looks, four), expect=((code, "AAAA"), ("NONE", V4))
        )
    yield case(
        code="DNS_CONTRADICTS",
        about="One look-up has an AAAA, another says that there is none.",
        evidence=(CONTRADICTION, four, datagrams(V6, {})),
        expect=(("DNS_CONTRADICTS", "AAAA"), ("NONE", V4)),
    )
    yield case(code="NO_ADDRESS", about="No address.", evidence=(names((), ()),), expect=(("NO_ADDRESS", None),))
    yield case(
        code="NOT_DECIDED",
        trap="R3",
        about="Half of the questions were never put.",
        evidence=(DUAL, four, datagrams(V6, {}, asked=("ntp",))),
        expect=(("NONE", V4), ("NOT_DECIDED", V6)),
    )
    yield case(
        code="NONE",
        about="All refuse, or stay silent where controls answered.",
        evidence=(DUAL, four, datagrams(V6, {}, others=TIMEOUT)),
        expect=(("NONE", V4), ("NONE", V6)),
    )
    yield case(
        code="TIME_ONLY",
        about="A time server.",
        evidence=(DUAL, four, datagrams(V6, {"ntp": 48, "ipmi": 24})),
        expect=(("NONE", V4), ("TIME_ONLY", V6)),
    )
    yield case(
        code="TIME_ONLY",
        variant="no-controls",
        controls=ALL_CONTROLS,
        about="A time server that is silent otherwise, and no control for UDP: that it answers anybody is seen.",
        evidence=(DUAL, four, datagrams(V6, {"ntp": 48}, others=TIMEOUT)),
        expect=(("NONE", V4), ("TIME_ONLY", V6)),
    )
    yield case(
        code="ANSWERS",
        about="A directory answers with little; what is no amplifier (a baseboard controller, TFTP) is no matter here.",
        evidence=(DUAL, four, datagrams(V6, {"cldap": 60, "ipmi": 24, "tftp": 19})),
        expect=(("NONE", V4), ("ANSWERS", V6)),
    )
    yield case(
        code="AMPLIFIES",
        trap="T8",
        about="memcached over IPv6 alone.",
        evidence=(DUAL, four, datagrams(V6, {"memcached": 1400, "ntp": 48})),
        expect=(("NONE", V4), ("AMPLIFIES", V6)),
    )
    yield case(
        code="ANSWERS",
        variant="twice-as-long",
        about="An answer twice as long as the question: an amplifier gives more.",
        evidence=(DUAL, four, datagrams(V6, {"cldap": 2 * len(REQUESTS["cldap"].payload)})),
        expect=(("NONE", V4), ("ANSWERS", V6)),
    )
    yield case(
        code="UNPROVEN",
        trap="T5",
        controls=ALL_CONTROLS,
        about="Silence everywhere, and no control for UDP.",
        evidence=(DUAL, four, datagrams(V6, {}, others=TIMEOUT)),
        expect=(("NONE", V4), ("UNPROVEN", V6)),
    )
    yield case(
        code="NOT_DECIDED",
        variant="missed",
        trap="T5",
        about="This machine was too busy to hear of any answer; that has nothing to do with controls.",
        evidence=(DUAL, four, datagrams(V6, {}, others=FailureKind.CUT_SHORT)),
        expect=(("NONE", V4), ("NOT_DECIDED", V6)),
    )
    yield case(
        code="U_SCOPE",
        gated=True,
        about="Nobody authorised it, so nothing was asked.",
        subject=SITE,
        evidence=(DUAL,),
        expect=(("U_SCOPE", None),),
    )


def cases() -> Iterator[Case]:
    for part in (mgmt_exposed, cleartext, smb, parity, unexpected, amplifiers):
        yield from part()
