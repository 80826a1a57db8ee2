"""Check the clock of the vantage against time servers.

The median of at least three servers counts, so that a single wrong one decides nothing. Where they do not answer, the
dates on the answers of web servers show at least an error of hours or years. A clock that was set during a run was
wrong before or is now, and it is unknown which.
"""

from collections.abc import Iterator
from statistics import median

from auditor.framework.check import CheckScope, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Subject
from probes.framework.evidence import Evidence, EvidenceSet
from probes.observations.vantage import ClockStep, NtpAnswer

_NEEDED, _HOUR = 3, 3_600
_CHECK = "meta.selftest.clock"


@check(
    version=3,
    title="Vantage's clock is correct",
    problem="Vantage's clock is wrong",
    problems={"A_LITTLE_OFF": "Vantage's clock is slightly off"},
    why="Whether a certificate or a signature is in force is told by the auditor's own clock; with a wrong one the"
    " auditor would call valid certificates expired.",
    fix="Synchronise the clock of the vantage; certificate, DNSSEC and SNMPv3 time checks depend on it.",
    references=("RFC 5905", "mục 1.17 Thông tư số 39/2017/TT-BTTTT"),
    needs=(NtpAnswer, ClockStep),
    kinds=frozenset(),
    vantage=frozenset(),
    clearance=Clearance.PASSIVE,
    scope=CheckScope.VANTAGE,
    messages={
        "RIGHT": passed("The vantage's clock is {offset:n} s off, by {servers:n} time {servers/server/servers}."),
        "A_LITTLE_OFF": warn("The vantage's clock is {offset:n} s off, by {servers:n} time {servers/server/servers}."),
        "WRONG": fail(
            "The vantage's clock is {offset:n} s off, by {servers:n} time {servers/server/servers};"
            " what depends on it is not judged."
        ),
        "WRONG_BY_WEB": fail(
            "By the dates that web servers of {owners:n} {owners/network/networks} put on their answers the"
            " vantage's clock is {hours:n} {hours/hour/hours} off; what depends on it is not judged.",
            fix="Set the clock of the vantage and keep it synchronised; name at least three NTP servers under"
            " [vantage].ntp.",
        ),
        "SET": fail(
            "The vantage's clock was set by {seconds:n} {seconds/second/seconds} in the middle of the run; what "
            "depends on it is not judged.",
            fix="Let the clock be synchronised before runs begin (chronyc waitsync), and find out why it was wrong.",
        ),
        "FEW_ANSWERS": inconclusive(
            "Of {known:n} time {known/server/servers} {servers:n} gave an answer to rely on; 3 are needed.",
            fix="Open UDP port 123 to the servers of [vantage].ntp, or name others that are synchronised.",
            reason=Reason.REF,
        ),
        "NOT_CONFIGURED": inconclusive(
            "No time servers are configured, so the clock of the vantage was not compared.",
            fix="Name at least three NTP servers under [vantage].ntp.",
            reason=Reason.REF,
        ),
    },
)
def clock(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    points = [(envelope, _answers(envelope)) for envelope in evidence]
    asked = [(envelope, answers) for envelope, answers in points if answers]
    enough = [(envelope, _offsets(answers)) for envelope, answers in asked if len(_offsets(answers)) >= _NEEDED]
    web = ctx.vantage.web_time
    steps = [(envelope.id, step.seconds) for envelope, step in evidence.of(ClockStep)]
    most = max(steps, key=lambda step: abs(step[1]), default=None)
    if most is not None and abs(most[1]) > _limit(ctx, "fail"):
        yield Verdict(code="SET", args={"seconds": round(abs(most[1]))}, evidence=(most[0],))
    elif not enough and web is not None and abs(web.ahead) > _limit(ctx, "web"):
        hours = round(abs(web.ahead) / _HOUR, 1)
        tests = tuple(envelope.id for envelope in evidence)
        yield Verdict(code="WRONG_BY_WEB", args={"owners": web.owners, "hours": hours}, evidence=tests)
    elif not asked:
        yield Verdict(code="NOT_CONFIGURED")
    elif not enough:
        envelope, answers = max(asked, key=lambda pair: len(_offsets(pair[1])))
        yield Verdict(
            code="FEW_ANSWERS", args={"known": len(answers), "servers": len(_offsets(answers))}, evidence=(envelope.id,)
        )
    else:
        envelope, offsets = max(enough, key=lambda pair: abs(median(pair[1])))
        offset = abs(median(offsets))
        code = (
            "RIGHT" if offset <= _limit(ctx, "warn") else "A_LITTLE_OFF" if offset <= _limit(ctx, "fail") else "WRONG"
        )
        yield Verdict(code=code, args={"offset": round(offset, 3), "servers": len(offsets)}, evidence=(envelope.id,))


def _answers(envelope: Evidence) -> list[NtpAnswer]:
    return [step for step in envelope.steps if isinstance(step, NtpAnswer)]


def _offsets(answers: list[NtpAnswer]) -> list[float]:
    return [step.offset for step in answers if step.offset is not None and step.synchronised]


def _limit(ctx: Context, name: str) -> float:
    return ctx.policy.threshold(_CHECK, f"{name}_seconds")
