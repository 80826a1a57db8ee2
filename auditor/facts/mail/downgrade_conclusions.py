"""From what protects mail to a domain to a verdict; the codes are those of ``security.mail.dane-mta-sts``."""

from collections.abc import Sequence

from auditor.facts import inconclusive
from auditor.facts.dns.dnssec.trust import State as Vouch
from auditor.facts.mail.dane import Dane, Fit
from auditor.facts.mail.downgrade import Protection
from auditor.facts.mail.mta_sts import State
from auditor.framework.findings import Arg, Reason, Verdict

_SECURE = frozenset({Vouch.SECURE})
_OPEN = frozenset({Vouch.UNKNOWN, Vouch.BOGUS})
_PRESENT = (Fit.FITS, Fit.DIFFERS, Fit.UNSEEN)


def judge(name: str, by: Protection) -> Verdict:
    """First what is wrong for certain, then what is not known of DANE, then what both come to."""
    differing = by.those(Fit.DIFFERS, vouched=_SECURE)
    if differing:
        return _say(name, by, "TLSA_DIFFERS", _names(differing))
    if by.enforcing and len(by.bare) == len(by.hosts):
        return _say(name, by, "STS_NO_MX", by.bare)
    if by.those(Fit.UNKNOWN):
        return inconclusive.dns(by.those(Fit.UNKNOWN)[0].look)
    return _undecided(name, by) or _dane(name, by) or _policy(name, by)


def _undecided(name: str, by: Protection) -> Verdict | None:
    """Where a policy in force protects the domain anyway, records that fit need nobody to vouch for them."""
    unvouched = by.those(*((Fit.DIFFERS, Fit.UNSEEN) if by.enforced else _PRESENT), vouched=_OPEN)
    if unvouched:
        return _say(name, by, "NOT_VALIDATED", _names(unvouched), unvouched[0].vouched.reason)
    unseen = by.those(Fit.UNSEEN, vouched=_SECURE)
    return _say(name, by, "NOT_COMPARED", _names(unseen), unseen[0].reason) if unseen else None


def _dane(name: str, by: Protection) -> Verdict | None:
    """What DANE of all exchangers comes to; None where it does not decide."""
    if not all(host.holds for host in by.hosts) or by.mx.state is Vouch.INSECURE:
        return None
    if by.mx.state is not Vouch.SECURE:
        return None if by.enforced else _say(name, by, "NOT_VALIDATED", _names(by.hosts), by.mx.reason)
    single = [host for host in by.hosts if not host.spare]
    if not single:
        return _say(name, by, "DANE_VALID")
    return None if by.enforced or by.open else _say(name, by, "DANE_NO_SPARE", _names(single))


def _policy(name: str, by: Protection) -> Verdict:
    """What MTA-STS comes to, and DANE that is not whole."""
    if by.enforced:
        return _say(name, by, "STS_ENFORCED" if by.sts.lasting else "STS_SHORT")
    if by.sts.unknown is not None:
        return inconclusive.dns(by.sts.unknown)
    if by.open:
        return _say(name, by, "POLICY_NOT_SEEN", reason=by.sts.reason)
    insecure = by.those(*_PRESENT, vouched=frozenset({Vouch.INSECURE}))
    if insecure:
        return _say(name, by, "TLSA_INSECURE", _names(insecure))
    if by.sts.state is State.IN_FORCE:
        return _say(name, by, "STS_SOME_MX" if by.bare else "STS_TESTING", by.bare)
    lacking = [host for host in by.hosts if not host.holds]
    if len(lacking) < len(by.hosts):
        return _say(name, by, "DANE_SOME_MX" if lacking else "MX_INSECURE", _names(lacking))
    return _say(name, by, "STS_BROKEN" if by.sts.state is State.BROKEN else "NONE")


def _names(hosts: Sequence[Dane]) -> tuple[str, ...]:
    return tuple(host.exchanger for host in hosts)


def _say(
    name: str, by: Protection, code: str, exchangers: tuple[str, ...] = (), reason: Reason | None = None
) -> Verdict:
    args: dict[str, Arg] = {"name": name, "reports": by.reports, "term": by.sts.term, "exchangers": exchangers}
    if by.sts.policy is not None:
        args["seconds"] = by.sts.policy.max_age
    return Verdict(code=code, args=args, evidence=by.evidence, reason=reason)
