"""Check that a device is read by SNMPv3 with authentication, privacy and current algorithms."""

from collections.abc import Iterator

from auditor.facts.device import answers, remedies, snmp_access
from auditor.facts.device.snmp_access import ShownAccess
from auditor.framework.check import VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import DEVICE_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.snmp import SnmpSession

_OLD_AUTH = {"1.3.6.1.6.3.10.1.1.2": "MD5"}  # usmHMACMD5AuthProtocol (RFC 3414)
_OLD_PRIV = {"1.3.6.1.6.3.10.1.2.2": "DES"}  # usmDESPrivProtocol
_SHA_1 = "1.3.6.1.6.3.10.1.1.3"
_WEAK = {"md5": "MD5", "des": "DES"}


@check(
    version=2,
    title="SNMPv3 authPriv with modern algorithms",
    problem="SNMPv3 user has outdated algorithms",
    problems={
        "SHA_1": "SNMPv3 user still has SHA-1",
        "LOWER_LEVEL": "SNMPv3 is allowed without encryption or authentication",
    },
    why="Without authentication and privacy, or with MD5 and DES, an eavesdropper reads along and can break the keys.",
    fix="Recreate the user with SHA-256 and AES-128 or better, and with authentication and privacy required.",
    references=("RFC 3414", "RFC 3826", "RFC 7860"),
    needs=snmp_access.NEEDS,
    kinds=DEVICE_KINDS,
    vantage=frozenset({VantageKind.SNMP}),
    vendor_fixes=remedies.of("v3"),
    messages={
        **answers.CODES,
        "STRONG": passed("{name} is read by SNMPv3 with {auth} and {priv}, and refuses the user with less."),
        "SHA_1": warn(
            "{name} requires authentication and privacy over SNMPv3, but {users/a user has/users have} SHA-1:"
            " {users:list}."
        ),
        "WEAK": fail("{name} has {users/a user/users} of SNMPv3 with old algorithms: {users:list}."),
        "LOWER_LEVEL": fail(
            "{name} gives values over SNMPv3 with less than authentication and privacy: {levels:list}.",
            fix="Require authPriv of the user (rouser NAME priv in Net-SNMP, snmp-server group NAME v3 priv on Cisco).",
        ),
        "NO_PROFILE": inconclusive(
            "{name} is read by a community; whether it does SNMPv3 was not tried for want of a user.",
            fix="Create a user of SNMPv3 for the vantage and name its profile in the column snmp_profile.",
            reason=Reason.CRED,
        ),
    },
)
def v3(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = snmp_access.access(subject, evidence, ctx)
    yield _judge(found) if isinstance(found, ShownAccess) else found


def _judge(access: ShownAccess) -> Verdict:
    sessions = [session for session in access.sessions if session.version == "3"]
    attempts = [attempt for session in access.sessions for attempt in session.attempts if attempt.version == "3"]
    if not sessions and attempts:
        profiles = tuple(dict.fromkeys(attempt.profile for attempt in attempts))
        return access.says(
            "REJECTED" if any(snmp_attempt.rejected for snmp_attempt in attempts) else "SILENT", profiles=profiles
        )
    if not sessions:
        return access.says("NO_PROFILE")
    levels = {step.level for step in access.levels if step.accepted} | {_level(session) for session in sessions} - {
        "authPriv"
    }
    if levels:
        return access.says("LOWER_LEVEL", levels=tuple(sorted(levels)))
    weak = _weak(access, sessions)
    if weak:
        return access.says("WEAK", users=weak)
    if not access.levels or any(step.failure is not None for step in access.levels):
        return access.not_read()
    old = _sha_1(access, sessions)
    if old:
        return access.says("SHA_1", users=old)
    return access.says("STRONG", auth=_shown(sessions[0].auth), priv=_shown(sessions[0].priv))


def _level(session: SnmpSession) -> str:
    if not session.auth:
        return "noAuthNoPriv"
    return "authPriv" if session.priv else "authNoPriv"


def _weak(access: ShownAccess, sessions: list[SnmpSession]) -> tuple[str, ...]:
    """Return users with MD5 or DES: those of the device's table, by name, else ours, by profile."""
    users = [
        f"{user.name} ({', '.join(names)})"
        for user in access.users or ()
        if (names := [table[oid] for table, oid in ((_OLD_AUTH, user.auth), (_OLD_PRIV, user.priv)) if oid in table])
    ]
    ours = [
        f"{session.profile} ({', '.join(names)})"
        for session in sessions
        if (names := [_WEAK[word] for word in (session.auth, session.priv) if word in _WEAK])
    ]
    return tuple(sorted(set(users))) or tuple(sorted(set(ours)))


def _sha_1(access: ShownAccess, sessions: list[SnmpSession]) -> tuple[str, ...]:
    users = sorted({user.name for user in access.users or () if user.auth == _SHA_1})
    return tuple(users) or tuple(sorted({str(session.profile) for session in sessions if session.auth == "sha1"}))


def _shown(word: str) -> str:
    """Return ``sha256`` as standards write it."""
    letters = word.rstrip("0123456789")
    return f"{letters.upper()}-{word[len(letters) :]}"
