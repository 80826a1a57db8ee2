"""Makes an agency with more problems than any measured one: most checks of the catalogue, at several hosts each."""

from collections.abc import Iterator
from dataclasses import replace

from auditor.framework import catalogue
from auditor.framework.check import Check
from auditor.framework.findings import Arg, Outcome, Severity
from auditor.framework.message_format import fields
from inventory.model import AgencyId, IPAddress
from reports.document import AgencyReport
from tests.unit.reports.sample import V4, V6, SampleReport, Says, good_portal, province

HOSTS = 40
FAILING, WARNED = 60, 30
_GRAVE = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


def troubled() -> SampleReport:
    """Return an agency of HOSTS hosts that fails FAILING checks and is warned of WARNED others, each at four hosts."""
    report = province(())
    checks = catalogue.load().checks
    by_host: dict[int, list[Says]] = {number: [] for number in range(HOSTS)}
    for number, finding in enumerate(_findings(list(checks.values()))):
        for place in range(2):
            host = (number * 7 + place * 11) % HOSTS
            by_host[host] += [_at(finding, address) for address in (V4, V6)]
    subjects = []
    for number, said in by_host.items():
        name = f"cong-thong-tin-{number}.so-xay-dung.sonlam.gov.vn"
        subject = good_portal(name, "so-xd")
        subjects.append(replace(subject, findings=tuple(finding.of(name) for finding in said)))
    group = replace(report.groups[0], agency=AgencyId("so-xd"), subjects=tuple(subjects))
    return replace(report, groups=(group, _quiet(report.groups[1])), checks=checks)


def _at(finding: Says, address: IPAddress) -> Says:
    told = {"address": str(address)} if "address" in finding.args else {}
    return replace(finding, address=address, args={**finding.args, **told})


def _quiet(group: AgencyReport) -> AgencyReport:
    return replace(group, subjects=())


def _findings(checks: list[Check]) -> Iterator[Says]:
    for outcome, most in ((Outcome.FAIL, FAILING), (Outcome.WARN, WARNED)):
        able = [check for check in checks if any(one.outcome is outcome for one in check.messages.values())]
        for number, check in enumerate(able[:most] if outcome is Outcome.FAIL else able[-most:]):
            code, message = next((c, m) for c, m in check.messages.items() if m.outcome is outcome)
            args: dict[str, Arg] = {name: _value(form) for name, form in fields(message.text)}
            args |= {name: _value(form) for name, form in fields(message.fix or check.fix)}
            yield Says(check.id, code, outcome, args, _GRAVE[number % len(_GRAVE)])


def _value(form: str) -> Arg:
    if form == "list":
        return ("mot.sonlam.gov.vn", "hai.sonlam.gov.vn")
    return "2026-11-29" if form in ("date", "day", "time") else 3
