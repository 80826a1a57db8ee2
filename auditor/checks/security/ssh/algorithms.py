"""Check that SSH offers version 2.0 with current algorithms only; no login is tried."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.facts import not_judged
from auditor.facts.exposure import ssh, sweeps
from auditor.facts.exposure.ssh import Server
from auditor.facts.targets import for_each
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import HOST_KINDS, IPAddress, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.ssh import SshExchange
from probes.wire.exposure.ssh import HostKey, KexOffer

_KEX_BROKEN = ("diffie-hellman-group1-sha1", "rsa1024-sha1", "gss-group1-sha1-")
_KEX_OLD = ("diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1", "gss-group14-sha1-", "gss-gex-sha1-")
"""Prefixes of their names: with Kerberos the hash of the mechanism follows (RFC 8732 §6)."""
_CIPHERS_BROKEN = ("arcfour", "des-", "3des", "none", "blowfish", "cast128")
_STRICT = frozenset({"kex-strict-s-v00@openssh.com", "kex-strict-s"})
_MARKERS = ("ext-info-", "kex-strict-")
_SMALLEST_KEY = 2048
_RECOMMENDED_KEY = 3072


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grades:
    """Holds the defects, named by the algorithm or the trait."""

    broken: tuple[str, ...]
    old: tuple[str, ...]


PORT = 22


@check(
    version=6,
    title="SSH 2.0 with modern algorithms",
    problem="SSH offers broken algorithms",
    problems={"OLD": "SSH still offers outdated algorithms", "SSH_1": "Outdated protocol SSH 1 is offered"},
    why="The whole machine is administered over SSH; an attacker who breaks its key exchange or cipher reads and"
    " types along.",
    fix="Take the algorithms that the finding names out of the server's configuration; in OpenSSH, which even in its"
    " newest version offers hmac-sha1 by default: MACs -hmac-sha1,hmac-sha1-etm@openssh.com, which leaves hmac-sha2-*."
    " Update the firmware where it cannot be configured.",
    references=("mục 4.2 Thông tư số 39/2017/TT-BTTTT", "RFC 9142", "RFC 8332", "RFC 8732", "RFC 4253"),
    needs=(NameLookup, SshExchange),
    kinds=HOST_KINDS,
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "NO_ADDRESS": sweeps.FRAME["NO_ADDRESS"],
        **not_judged.NO_SSH,
        "MODERN": passed("{address} offers only modern SSH algorithms ({kex:list})."),
        "OLD": warn(
            "{address} still offers {names/an SSH algorithm that is/SSH algorithms that are} to be retired:"
            " {names:list}."
        ),
        "BROKEN": fail(
            "{address} offers {names/an SSH algorithm that does/SSH algorithms that do} not hold: {names:list}."
        ),
        "SSH_1": fail(
            "{address} speaks SSH {version}, a protocol that can be broken.",
            fix="Switch SSH version 1 off; where the device knows no other, replace its software or the device.",
        ),
        "CUT_OFF": inconclusive(
            "{address} has port 22 open and closed the connection before SSH began; a ban of the vantage's"
            " address looks like that.",
            fix="Ask the operator to admit the vantage's addresses, and check again.",
            reason=Reason.RATE,
        ),
        "MUTE": inconclusive(
            "{address} accepts connections on port 22, but no SSH server introduced itself in time.",
            fix="Look at what is behind port 22: a server that is overloaded or delays unknown clients, or another "
            "service.",
            reason=Reason.AMB,
        ),
        "UNREADABLE": inconclusive(
            "{address} calls itself an SSH server, but its list of algorithms did not come or cannot be read.",
            reason=Reason.AMB,
        ),
    },
)
def algorithms(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(address: IPAddress) -> Verdict:
        return _judge(ssh.server(evidence, ctx, address, PORT))

    yield from for_each(sweeps.each_address(subject, evidence, ctx), judge)


def _judge(server: Server) -> Verdict:
    if server.absent:
        return _say(server, "NO_SSH")
    if server.cut_off:
        return _say(server, "CUT_OFF")
    if server.reason is Reason.AMB:
        return _say(server, "MUTE")
    if server.reason is not None:
        return not_judged.at(server.address, f"tcp/{PORT}", server.reason, server.evidence)
    if server.version.startswith("1."):
        return _say(server, "SSH_1", version=server.version)
    if server.offer is None:
        return _say(server, "UNREADABLE")
    grades = _grade(server.offer, server.key)
    if grades.broken:
        return _say(server, "BROKEN", names=grades.broken)
    if grades.old:
        return _say(server, "OLD", names=grades.old)
    return _say(server, "MODERN", kex=_shown(server.offer))


def _say(server: Server, code: str, **args: Arg) -> Verdict:
    whole = {"address": written(server.address), **args}
    return Verdict(code=code, args=whole, address=server.address, evidence=server.evidence)


def _grade(offer: KexOffer, key: HostKey | None) -> _Grades:
    """Return the grades of an offer; ``broken`` algorithms must be removed, ``old`` ones should be."""
    return _Grades(broken=tuple(dict.fromkeys(_broken(offer, key))), old=tuple(dict.fromkeys(_old(offer, key))))


def _broken(offer: KexOffer, key: HostKey | None) -> Iterator[str]:
    yield from (name for name in offer.kex if name.startswith(_KEX_BROKEN))
    yield from (name for name in offer.host_keys if name == "ssh-dss")
    ciphers = _ciphers(offer)
    if ciphers and all(map(_is_broken, ciphers)):  # an algorithm that is not listed is unknown, not broken
        yield from ciphers
    else:
        yield from (name for name in ciphers if name.startswith("arcfour") or name in ("des-cbc", "none"))
    if key is not None and key.bits is not None and key.bits < _SMALLEST_KEY:
        yield f"{key.type} {key.bits}"


def _old(offer: KexOffer, key: HostKey | None) -> Iterator[str]:
    yield from (name for name in offer.kex if name.startswith(_KEX_OLD))
    yield from (name for name in offer.host_keys if name in ("ssh-rsa", "ssh-rsa-cert-v01@openssh.com"))
    yield from (name for name in _ciphers(offer) if "cbc" in name)
    yield from (name for name in _macs(offer) if "sha1" in name or "md5" in name)
    if _open_to_terrapin(offer):
        yield "CVE-2023-48795 (Terrapin)"
    if key is not None and key.bits is not None and _SMALLEST_KEY <= key.bits < _RECOMMENDED_KEY:
        yield f"{key.type} {key.bits}"


def _open_to_terrapin(offer: KexOffer) -> bool:
    """True if the server lacks strict key exchange beside ChaCha20-Poly1305 or CBC with encrypt-then-MAC."""
    if _STRICT & set(offer.kex):
        return False
    ciphers, macs = _ciphers(offer), _macs(offer)
    cbc = any("cbc" in name for name in ciphers) and any("-etm@" in name for name in macs)
    return cbc or any(name.startswith("chacha20-poly1305") for name in ciphers)


def _ciphers(offer: KexOffer) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*offer.ciphers[0], *offer.ciphers[1])))


def _macs(offer: KexOffer) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*offer.macs[0], *offer.macs[1])))


def _is_broken(name: str) -> bool:
    return name.startswith(_CIPHERS_BROKEN)


def _shown(offer: KexOffer) -> tuple[str, ...]:
    """Return the key exchanges for a person to read, without markers."""
    return tuple(name for name in offer.kex if not name.startswith(_MARKERS))
