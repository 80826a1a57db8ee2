"""Tests judging one subject as two vantages saw it; only one of them could read the device."""

from dataclasses import replace

from auditor.framework.check import load
from auditor.framework.findings import Outcome
from auditor.judging.views import View, judge_views
from inventory.model import Network
from probes.framework.evidence import EvidenceSet
from probes.observations.snmp import SnmpGet, SnmpWalk
from tests.golden.case import HERE
from tests.golden.case import load as load_case
from tests.golden.documents import read
from tests.unit.auditor.contexts import raise_it

ID = "security.ipv6.addr-predictability"


def test_judge_views_device_that_one_vantage_read_is_judged_by_that_one() -> None:
    check = next(check for id_, check in load().items() if str(id_) == ID)
    read_there, unread = (load_case(check.id, read(HERE / ID / f"{code}.json")) for code in ("CLIENT_MACS", "OPAQUE"))
    assert not any(isinstance(step, SnmpGet | SnmpWalk) for envelope in unread.evidence for step in envelope.steps)
    views = [
        View(
            context=replace(case.ctx, vantage=replace(case.ctx.vantage, name=name, networks=frozenset({network}))),
            evidence=EvidenceSet([replace(envelope, vantage=name) for envelope in case.evidence]),
            checks=[check],
        )
        for name, network, case in (("reads", Network.INTERNET, read_there), ("hub", Network.TSLCD, unread))
    ]
    for order in (views, views[::-1]):
        (finding,) = judge_views(read_there.subject, order, {check.id: check}, on_bug=raise_it).findings
        assert (finding.code, finding.outcome, finding.vantage) == ("CLIENT_MACS", Outcome.FAIL, "reads")
