"""Tests which names the probe ``mail_records`` looks up."""

import pytest

from probes.framework.recorder import Recorder
from probes.framework.registry import is_worth_confirming, load
from probes.framework.tasks import NameTask
from probes.mail_records import mail_records
from probes.observations.dns import NameLookup
from probes.wire.mail.dkim import UNLIKELY, USUAL_SELECTORS
from tests.unit.probes.fake_names import FakeNames
from tests.unit.probes.fake_net import FakeNet


async def mail_asked(names: FakeNames, *selectors: str) -> list[str]:
    rec = Recorder(lambda: 0.0)
    task = NameTask(name="a.vn", roles=frozenset({"mail"}), selectors=selectors)
    await mail_records(task, FakeNet(names=names), rec)
    return [f"{step.role} {step.name}" for step in rec.steps if isinstance(step, NameLookup)]


async def test_mail_records() -> None:
    dmarc = ["dmarc _dmarc.a.vn", "dmarc _dmarc.vn"]
    usual = [f"dkim {usual_selector}._domainkey.a.vn" for usual_selector in USUAL_SELECTORS]
    declared = ["dkim 2026a._domainkey.a.vn", "dkim s1._domainkey.a.vn"]
    rest = [text for text in usual if text not in declared]
    assert await mail_asked(FakeNames()) == [*dmarc, *usual]
    assert await mail_asked(FakeNames(), "2026a", "s1", "s1") == [*dmarc, *declared, *rest]
    there = FakeNames(records={("2026a._domainkey.a.vn", "TXT"): ('"p="',)})
    assert await mail_asked(there, "2026a") == [*dmarc, declared[0], *usual]
    fake_names = FakeNames(records={("google._domainkey.a.vn", "TXT"): ('"p="',)})
    assert await mail_asked(fake_names) == [*dmarc, *usual, f"dkim {UNLIKELY}._domainkey.a.vn"]
    rec = Recorder(lambda: 0.0)
    await mail_records(NameTask(name="a.vn", roles=frozenset({"host", "zone"})), FakeNet(), rec)
    assert not rec.steps


@pytest.mark.parametrize(
    ("place", "text", "again"),
    [
        ("", "", True),
        ("a.vn", '"v=DMARC1; p=none"', False),
        ("vn", '"v=DMARC1; p=none"', False),
        ("a.vn", '"v=DMARC1 p=none"', True),
    ],
)
async def test_missing_dmarc_is_seen_again_before_it_is_held_against_anybody(
    place: str, text: str, again: bool
) -> None:
    rec, probe = Recorder(lambda: 0.0), load()["mail_records"]
    names = FakeNames(records={(f"_dmarc.{place}", "TXT"): (text,)} if place else {})
    await mail_records(NameTask(name="a.vn", roles=frozenset({"mail"})), FakeNet(names=names), rec)
    assert is_worth_confirming(rec.steps, probe.confirm_if) is again
