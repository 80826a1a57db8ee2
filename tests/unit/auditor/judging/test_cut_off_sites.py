"""Tests that silence inside TSLCD is not held against a subject behind a dead node, or during our own outage."""

from dataclasses import replace

import pytest

from auditor.framework.check import SilenceMeaning, VantageKind
from auditor.framework.context import Context, Sites
from auditor.framework.findings import Finding, Reason, Verdict
from auditor.framework.policy import Policy
from inventory.model import Kind, Network, Subject
from probes.framework.evidence import Evidence
from tests.unit.auditor.contexts import A6, POLICY, SITE, TIMEOUT, always, check, connect, context, judged, vantage

INSIDE = frozenset({Network.TSLCD})
PLACES = frozenset({VantageKind.INET, VantageKind.TSL})
POINT = replace(
    SITE,
    kind=Kind.CONNECTION_POINT,
    kinds=frozenset({Kind.CONNECTION_POINT}),
    network=Network.TSLCD,
    host=None,
    addresses=(A6,),
)
BEHIND = Sites(asked=12, silent=1, shadows={POINT.id: ("nut-huyen",)})
OUTAGE = Sites(asked=12, silent=4)
THRESHOLDS = {"tslcd.site.reach": {"outage_share": 0.3}}


def _context(sites: Sites, networks: frozenset[Network] = INSIDE) -> Context:
    policy = Policy(levels=POLICY.levels, severities=POLICY.severities, thresholds=THRESHOLDS)
    health = vantage(controls=((6, "tcp/443"),), networks=networks)
    return replace(context(health), policy=policy, sites=sites)


def _said(
    ctx: Context,
    *seen: Evidence,
    subject: Subject = POINT,
    networks: frozenset[Network] | None = None,
    question: SilenceMeaning = SilenceMeaning.SERVICE,
) -> Finding:
    verdict = Verdict(code="BAD", evidence=tuple(one.id for one in seen))
    asks = check(always(verdict), kinds=subject.kinds, places=PLACES)
    asks = replace(asks, question=question, networks=networks)
    (found,) = judged(asks, *seen, ctx=ctx, subject=subject)
    return found


def test_silence_behind_a_node_that_is_down_is_the_node_s() -> None:
    found = _said(_context(BEHIND), connect(A6, TIMEOUT))
    assert (found.code, found.reason, found.args["nodes"]) == ("BEHIND_NODE", Reason.EGR, ("nut-huyen",))
    assert found.evidence


def test_silence_of_one_site_stands() -> None:
    assert _said(_context(Sites(asked=12, silent=1)), connect(A6, TIMEOUT)).code == "BAD"


@pytest.mark.parametrize(("sites", "code"), [(OUTAGE, "U_EGR"), (Sites(asked=4, silent=4), "BAD")])
def test_silence_of_many_sites_at_once_is_our_outage(sites: Sites, code: str) -> None:
    assert _said(_context(sites), connect(A6, TIMEOUT)).code == code


@pytest.mark.parametrize("sites", [BEHIND, OUTAGE])
def test_what_was_answered_stands(sites: Sites) -> None:
    assert _said(_context(sites), connect(A6)).code == "BAD"


@pytest.mark.parametrize("sites", [BEHIND, OUTAGE])
def test_what_is_exposed_and_what_is_on_the_internet_has_no_such_excuse(sites: Sites) -> None:
    outside = replace(POINT, network=Network.INTERNET)
    both = _context(sites, INSIDE | {Network.INTERNET})
    assert _said(both, connect(A6, TIMEOUT), subject=outside).code == "BAD"
    assert _said(_context(sites), connect(A6), question=SilenceMeaning.EXPOSURE).code == "BAD"


def test_checks_of_tslcd_itself_name_the_node_in_their_own_words() -> None:
    assert _said(_context(BEHIND), connect(A6, TIMEOUT), networks=INSIDE).code == "BAD"
    assert _said(_context(OUTAGE), connect(A6), networks=INSIDE).code == "U_EGR"
