"""Makes subjects as a judgement leaves them, by hand or at random, for tests of figures."""

from collections.abc import Iterable

from hypothesis import strategies as st

from auditor.figures.kpis import SubjectFacts, folded
from auditor.figures.scoring import Ladder, Score
from auditor.framework.findings import CheckId, FindingId, Level, Outcome, Outline, Reason, Severity
from inventory.model import AgencyId, Kind, SubjectId
from inventory.organisation import Organisation, Unit

ORGANISATION = Organisation(
    units=(
        Unit(code=AgencyId("P"), name="Tỉnh", level="province"),
        Unit(code=AgencyId("S1"), name="Sở Một", parent=AgencyId("P"), level="department"),
        Unit(code=AgencyId("S2"), name="Sở Hai", parent=AgencyId("P"), level="department"),
        Unit(code=AgencyId("X1"), name="Xã Một", parent=AgencyId("P"), level="commune"),
        Unit(code=AgencyId("X2"), name="Phường Hai", parent=AgencyId("P"), level="Phường"),
        Unit(code=AgencyId("X2.1"), name="Trạm y tế", parent=AgencyId("X2"), level="office"),
    )
)
CHECKS = (
    "ipv6.web.aaaa",
    "ipv6.dns.ns-aaaa",
    "ipv6.dns.ns-reach",
    "ipv6.dns.ns-reach-tcp",
    "ipv6.dns.ns-addr-sane",
    "ipv6.mail.mx-aaaa",
    "ipv6.mail.mx-reach",
    "security.dns.dnssec",
    "security.mail.dmarc",
    "tslcd.site.reach",
    "security.mail.mx",
    "tslcd.site.registered",
    "security.ports.v4v6-parity",
    "security.snmp.v3",
    "security.http.https-exists",
    "security.http.https-forced",
    "security.tls.versions",
    "security.tls.cert-name",
    "tslcd.channel.utilisation",
)


def said(
    check: str,
    outcome: Outcome,
    *,
    code: str = "",
    waived: bool = False,
    address: str | None = None,
    reason: Reason | None = None,
    level: Level = Level.REQUIRED,
    severity: Severity = Severity.HIGH,
) -> Outline:
    if outcome is Outcome.INCONCLUSIVE:
        reason = reason or Reason.VP
    return Outline(
        id=FindingId(f"{check} {address}"),
        check=CheckId(check),
        check_version=1,
        code=code or outcome.name,
        outcome=outcome,
        severity=severity,
        level=level,
        address=address,
        reason=reason,
        waived=waived,
    )


def facts(
    name: str,
    kind: Kind,
    agency: str | None,
    outlines: Iterable[Outline] = (),
    *,
    ladder: tuple[int, bool] | None = None,
    score: int | None = None,
    derived: bool = False,
) -> SubjectFacts:
    listed = tuple(outlines)
    return SubjectFacts(
        id=SubjectId(name),
        kind=kind,
        kinds=frozenset({kind}),
        agency=None if agency is None else AgencyId(agency),
        derived=derived,
        seen=folded(listed),
        scores={} if score is None else {"ipv6.web": Score(score=score, coverage=1.0)},
        ladders={} if ladder is None else {"service": Ladder(level=ladder[0], at_least=ladder[1])},
        addresses=frozenset(outline.address for outline in listed if outline.address is not None),
    )


def _finding() -> st.SearchStrategy[Outline]:
    return st.builds(
        said,
        st.sampled_from(CHECKS),
        st.sampled_from(Outcome),
        code=st.sampled_from(["", "", "", "EXEMPT"]),
        waived=st.booleans(),
        address=st.sampled_from([None, "2001:db8::1", "2001:db8::2"]),
        level=st.sampled_from(Level),
    ).map(
        lambda outline: (
            outline
            if outline.outcome is Outcome.NOT_APPLICABLE or outline.code != "EXEMPT"
            else said(outline.check, outline.outcome)
        )
    )


SUBJECTS = st.lists(
    st.builds(
        facts,
        st.sampled_from([f"s{number}" for number in range(40)]),
        st.sampled_from(
            [Kind.PORTAL, Kind.DVC, Kind.COMMUNE_SITE, Kind.ZONE, Kind.MAIL, Kind.CONNECTION_POINT, Kind.ROUTER]
        ),
        st.sampled_from(["P", "S1", "S2", "X1", "X2", "X2.1", "elsewhere", None]),
        st.lists(_finding(), max_size=8),
        ladder=st.none() | st.tuples(st.integers(0, 4), st.booleans()),
        score=st.none() | st.integers(0, 100),
    ),
    max_size=14,
    unique_by=lambda facts: facts.id,
)
