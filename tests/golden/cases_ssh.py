"""Makes golden cases of ``security.ssh.*``."""

from collections.abc import Iterator, Sequence
from functools import partial
from ipaddress import ip_address

from inventory.model import Clearance
from probes.framework.evidence import NO_CONNECT, Evidence, Failure, FailureKind
from probes.observations.ssh import NOTHING_IN_COMMON, SshAuthMethods, SshExchange
from probes.wire.exposure import ssh as wire
from tests.golden.case import ALL_CONTROLS, Case
from tests.golden.cases_ports import OWNED, SITE, methods
from tests.golden.cases_web import CONTRADICTION, CUT, DUAL, NO_ANSWER
from tests.golden.lab import REFUSED, TIMEOUT, V4, V6, at, evidence, names

CONTROLS = (*ALL_CONTROLS, "tcp/22")
KEX = ("mlkem768x25519-sha256", "curve25519-sha256", "kex-strict-s-v00@openssh.com")
CIPHERS = ("aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes128-ctr")
MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512")


def key(bits: int) -> bytes:
    return wire.string(b"ssh-rsa") + wire.mpint(65537) + wire.mpint(1 << (bits - 1))


ED25519 = wire.string(b"ssh-ed25519") + wire.string(bytes(32))


def server(
    address: str,
    *,
    banner: str = "SSH-2.0-OpenSSH_10.0",
    kex: Sequence[str] = KEX,
    host_keys: Sequence[str] = ("ssh-ed25519", "rsa-sha2-512"),
    ciphers: Sequence[str] = CIPHERS,
    macs: Sequence[str] = MACS,
    blob: bytes | None = ED25519,
    readable: bool = True,
    failure: FailureKind | None = None,
    detail: str = "",
) -> Evidence:
    offer = wire.KexOffer(
        kex=tuple(kex),
        host_keys=tuple(host_keys),
        ciphers=(tuple(ciphers),) * 2,
        macs=(tuple(macs),) * 2,
        compression=(("none",),) * 2,
    )
    spoke = bool(banner) and failure is None
    step = SshExchange(
        address=ip_address(address),
        port=22,
        banner=banner if spoke else "",
        kexinit=wire.kexinit(bytes(16), offer) if spoke and readable else None,
        host_key=blob if spoke and readable else None,
        failure=None if failure is None else Failure(kind=failure, detail=detail),
    )
    return evidence("ssh", step, task=address, endpoint=at(address, None))


def algorithms() -> Iterator[Case]:
    check = "security.ssh.algorithms"
    case = partial(Case, check=check, subject=SITE, controls=CONTROLS)
    four = server(V4)
    for code, looks in (("NO_DNS_ANSWER", NO_ANSWER), ("DNS_NOT_ASKED", CUT)):
        yield case(
            code=code, about="The AAAA is not known.", evidence=(looks, four), expect=((code, "AAAA"), ("MODERN", V4))
        )
    yield case(
        code="DNS_CONTRADICTS",
        about="One look-up has an AAAA, another says that there is none.",
        evidence=(CONTRADICTION, four, server(V6)),
        expect=(("DNS_CONTRADICTS", "AAAA"), ("MODERN", V4)),
    )
    yield case(code="NO_ADDRESS", about="No address.", evidence=(names((), ()),), expect=(("NO_ADDRESS", None),))

    def pair(code: str, about: str, there: Evidence, *, variant: str = "", trap: str = "") -> Case:
        expect = (("MODERN", V4), (code, V6))
        return case(code=code, variant=variant, trap=trap, about=about, evidence=(DUAL, four, there), expect=expect)

    yield pair("MODERN", "A current server.", server(V6))
    yield pair("NO_SSH", "22 refuses.", server(V6, failure=REFUSED))
    silent = server(V6, failure=TIMEOUT, detail=NO_CONNECT)
    yield pair("NO_SSH", "22 is silent, and controls answered over it.", silent, variant="silent")
    yield pair("MUTE", "22 accepts and says nothing: a tarpit, perhaps.", server(V6, failure=TIMEOUT))
    yield pair("OLD", "group14 with SHA-1.", server(V6, kex=("curve25519-sha256", "diffie-hellman-group14-sha1")))
    yield pair("OLD", "ssh-rsa signs with SHA-1.", server(V6, host_keys=("ssh-rsa",)), variant="ssh-rsa")
    yield pair("OLD", "CBC beside CTR.", server(V6, ciphers=("aes128-ctr", "aes128-cbc")), variant="cbc")
    yield pair("OLD", "A MAC with SHA-1.", server(V6, macs=("hmac-sha2-256", "hmac-sha1")), variant="mac")
    yield pair("OLD", "ChaCha20 without strict key exchange.", server(V6, kex=KEX[:2]), variant="terrapin")
    yield pair("OLD", "RSA of 2048 bits.", server(V6, blob=key(2048)), variant="rsa-2048")
    yield pair("BROKEN", "group1.", server(V6, kex=(*KEX, "diffie-hellman-group1-sha1")), trap="T8")
    kerberos = "toWM5Slw5Ew8Mqkay+al2g=="
    yield pair("OLD", "The same with Kerberos.", server(V6, kex=(*KEX, f"gss-gex-sha1-{kerberos}")), variant="gss")
    yield pair("MODERN", "Kerberos.", server(V6, kex=(*KEX, f"gss-group14-sha256-{kerberos}")), variant="gss")
    group1 = server(V6, kex=(*KEX, f"gss-group1-sha1-{kerberos}"))
    yield pair("BROKEN", "group1 with Kerberos.", group1, variant="gss")
    yield pair("BROKEN", "RC4 beside others.", server(V6, ciphers=("aes128-ctr", "arcfour128")), variant="rc4")
    yield pair("BROKEN", "3DES alone.", server(V6, ciphers=("3des-cbc",)), variant="3des")
    yield pair("BROKEN", "3DES and Blowfish.", server(V6, ciphers=("3des-cbc", "blowfish-cbc")), variant="all-old")
    national = server(V6, ciphers=("sm4-ctr", "camellia256-ctr"))
    yield pair("MODERN", "Ciphers that are not in our list are not called broken.", national, variant="unlisted")
    yield pair("BROKEN", "RSA of 1024 bits.", server(V6, blob=key(1024)), variant="rsa-1024")
    yield pair("SSH_1", "SSH 1.5.", server(V6, banner="SSH-1.5-Cisco-1.25", readable=False))
    yield pair("SSH_1", "Both protocols.", server(V6, banner="SSH-1.99-Cisco-1.25"), variant="both")
    yield pair("UNREADABLE", "A banner and nothing after it.", server(V6, readable=False))
    yield pair("CUT_OFF", "Closed before a word: perhaps a ban.", server(V6, failure=FailureKind.RESET), trap="W2")
    yield pair("NOT_DECIDED", "Cut short.", server(V6, failure=FailureKind.CUT_SHORT), trap="R3")
    yield case(
        code="NOT_DECIDED",
        variant="silence",
        trap="T5",
        controls=ALL_CONTROLS,
        about="22 is silent, and nothing showed that packets to it leave the vantage.",
        evidence=(DUAL, four, silent),
        expect=(("MODERN", V4), ("NOT_DECIDED", V6)),
    )


def auth() -> Iterator[Case]:
    check = "security.ssh.auth"
    case = partial(Case, check=check, subject=OWNED, clearance=Clearance.INTRUSIVE, controls=CONTROLS)
    four = methods(V4, "publickey")
    for code, looks in (("NO_DNS_ANSWER", NO_ANSWER), ("DNS_NOT_ASKED", CUT)):
        yield case(
            code=code,
            about="The AAAA is not known.",
            evidence=(looks, four),
            expect=((code, "AAAA"), ("KEYS_ONLY", V4)),
        )
    yield case(
        code="DNS_CONTRADICTS",
        about="One look-up has an AAAA, another says that there is none.",
        evidence=(CONTRADICTION, four, methods(V6, "publickey")),
        expect=(("DNS_CONTRADICTS", "AAAA"), ("KEYS_ONLY", V4)),
    )
    yield case(code="NO_ADDRESS", about="No address.", evidence=(names((), ()),), expect=(("NO_ADDRESS", None),))

    def pair(code: str, about: str, *there: Evidence, variant: str = "", trap: str = "") -> Case:
        expect = (("KEYS_ONLY", V4), (code, V6))
        return case(code=code, variant=variant, trap=trap, about=about, evidence=(DUAL, four, *there), expect=expect)

    yield pair("KEYS_ONLY", "Keys alone.", methods(V6, "publickey"))
    kerberos = methods(V6, "publickey", "gssapi-keyex", "gssapi-with-mic")
    yield pair("KEYS_ONLY", "Keys, and Kerberos tickets as Red Hat offers them.", kerberos, variant="kerberos")
    yield pair("INTERACTIVE", "Keyboard-interactive.", methods(V6, "publickey", "keyboard-interactive"))
    yield pair("PASSWORDS", "Passwords over IPv6 alone.", methods(V6, "publickey", "password"), trap="T8")
    open_door = SshAuthMethods(address=ip_address(V6), port=22, user="probe", accepted=True)
    yield pair(
        "NO_LOGIN_NEEDED", "It let the question in.", evidence("ssh_methods", open_door, task=V6, endpoint=at(V6, None))
    )
    yield pair("NO_SSH", "22 refuses.", methods(V6, failure=REFUSED), server(V6, failure=REFUSED))
    slow = (methods(V6, failure=TIMEOUT), server(V6, failure=TIMEOUT))
    yield pair("NOT_DECIDED", "22 accepts and says nothing.", *slow, variant="mute")
    yield pair("NOT_DECIDED", "Cut off.", methods(V6, failure=FailureKind.RESET), server(V6), trap="W2")
    stranger = SshAuthMethods(
        address=ip_address(V6),
        port=22,
        user="probe",
        failure=Failure(kind=FailureKind.PROTOCOL, detail=NOTHING_IN_COMMON),
    )
    yield pair(
        "NOT_DECIDED",
        "It knows no cipher of ours, as where ChaCha20 alone is switched on: nobody turned us away.",
        evidence("ssh_methods", stranger, task=V6, endpoint=at(V6, None)),
        server(V6),
        variant="nothing-in-common",
    )
    yield case(
        code="U_SCOPE",
        gated=True,
        about="Nobody authorised the question.",
        subject=SITE,
        evidence=(DUAL,),
        expect=(("U_SCOPE", None),),
    )


def cases() -> Iterator[Case]:
    yield from algorithms()
    yield from auth()
