"""Tests which DKIM keys a domain has, and which of them count as its own."""

import pytest

from auditor.facts.mail.dkim_selectors import selector_record, usual_selectors
from containers.rehearsal.sonlam.keys import RSA_2048
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.dns import LookupStatus, NameLookup
from probes.wire.mail.dkim import UNLIKELY, USUAL_SELECTORS
from tests.golden.lab import ZONE, evidence, look
from tests.unit.auditor.contexts import PROVEN

KEY, REVOKED = f'"v=DKIM1; p={RSA_2048}"', '"v=DKIM1; p="'


def _at(selector: str, *texts: str, failure: FailureKind | None = None) -> NameLookup:
    status = LookupStatus.NO_ANSWER if failure else None if texts else LookupStatus.NO_SUCH_NAME
    return look(f"{selector}._domainkey.{ZONE}", "TXT", "dkim", *texts, status=status, failure=failure)


def _seen(*looks: NameLookup) -> EvidenceSet:
    return EvidenceSet((evidence("dns", *looks),))


@pytest.mark.parametrize(
    ("texts", "usable", "several"),
    [
        ((KEY,), True, False),
        ((KEY, '"v=DKIM1; p="'), False, True),
        (('"v=DKIM1; p="',), False, False),
        ((), False, False),
    ],
)
def test_selector_record_reads_the_one_key(texts: tuple[str, ...], usable: bool, several: bool) -> None:
    found = selector_record(_seen(_at("s1", *texts)), PROVEN, ZONE, "s1")
    assert (found.usable, found.several) == (usable, several)


def test_usual_selectors_tell_a_wildcard_from_a_key() -> None:
    found = usual_selectors(_seen(_at("s1", KEY), _at(UNLIKELY, KEY)), PROVEN, ZONE, ())
    assert [selector.name for selector in found.found] == ["s1"]
    assert found.own == ()


def test_usual_selectors_name_the_look_up_that_is_not_known() -> None:
    others = (_at(name) for name in USUAL_SELECTORS if name != "mail")
    silent = _at("mail", failure=FailureKind.TIMEOUT)
    names = [
        None if unknown is None else unknown.name
        for seen in (_seen(*others, silent), _seen(*map(_at, USUAL_SELECTORS)))
        for unknown in [usual_selectors(seen, PROVEN, ZONE, ()).unknown]
    ]
    assert names == [f"mail._domainkey.{ZONE}", None]
