"""Tests the questions to a name server about AAAA, and when the probe stops asking."""

import pytest

from probes.aaaa_answers import ABSENT, aaaa_answers
from probes.framework.profile import AUDIT
from probes.framework.recorder import Recorder
from probes.framework.registry import is_worth_confirming, load
from tests.unit.probes.name_server import SILENT, TASK, Server, asked


def types(triples: list[tuple[str, str, str]], name: str) -> list[str]:
    return [rtype for owner, rtype, _ in triples if owner == name]


async def test_every_name_is_asked_for_three_types() -> None:
    triples = await asked(aaaa_answers, lambda name, rtype, transport: "NOERROR")
    names = ["ns1.a.vn", "www.a.vn", "a.vn", f"{ABSENT}.a.vn"]
    assert triples == [(name, rtype, "udp") for name in names for rtype in ("A", "AAAA", "HTTPS")]


async def test_what_is_cut_short_is_asked_for_over_tcp() -> None:
    triples = await asked(aaaa_answers, lambda name, rtype, transport: "TC" if transport == "udp" else "NOERROR")
    assert triples[:4] == [("ns1.a.vn", rtype, way) for rtype in ("A", "AAAA") for way in ("udp", "tcp")]


async def test_a_is_asked_again_behind_whatever_went_another_way() -> None:
    triples = await asked(aaaa_answers, lambda name, rtype, transport: "SERVFAIL" if rtype == "AAAA" else "NOERROR")
    assert types(triples, "a.vn") == ["A", "AAAA", "A", "HTTPS"]


async def test_silence_about_a_name_that_is_there_is_enough() -> None:
    triples = await asked(aaaa_answers, lambda name, rtype, transport: SILENT if rtype == "AAAA" else "NOERROR")
    assert [rtype for _, rtype, _ in triples] == ["A", "AAAA", "AAAA", "AAAA", "A"]


async def test_a_question_that_was_lost_is_put_again() -> None:
    lost = iter((SILENT, SILENT))
    triples = await asked(
        aaaa_answers, lambda name, rtype, transport: next(lost, "NOERROR") if rtype == "AAAA" else "NOERROR"
    )
    assert types(triples, "ns1.a.vn") == ["A", "AAAA", "AAAA", "AAAA", "HTTPS"]
    assert types(triples, "a.vn") == ["A", "AAAA", "HTTPS"]


async def test_a_name_without_records_is_not_enough() -> None:
    def says(name: str, rtype: str, transport: str) -> str:
        return SILENT if rtype == "AAAA" else "NOERROR" if name == "a.vn" else "NXDOMAIN"

    triples = await asked(aaaa_answers, says)
    assert types(triples, "www.a.vn") == ["A", "AAAA", "A", "HTTPS"]
    assert triples[-1] == ("a.vn", "A", "udp")


async def test_who_does_not_answer_for_a_is_left_in_peace() -> None:
    assert len(await asked(aaaa_answers, lambda name, rtype, transport: SILENT)) == 1


@pytest.mark.parametrize(
    ("aaaa", "doubtful"), [("NOERROR", False), ("NXDOMAIN", True), ("SERVFAIL", True), (SILENT, True)]
)
async def test_a_name_that_aaaa_questions_are_told_is_not_there_is_asked_for_again_later(
    aaaa: str, doubtful: bool
) -> None:
    rec = Recorder(lambda: 0.0)
    await aaaa_answers(TASK, Server(says=lambda name, rtype, transport: aaaa if rtype == "AAAA" else "NOERROR"), rec)
    probe = load()["aaaa_answers"]
    assert is_worth_confirming(rec.steps, probe.confirm_if) is doubtful
    assert AUDIT.retries[probe.retry][-1] == 600.0


async def test_a_name_that_nobody_has_is_not_asked_for_again() -> None:
    rec = Recorder(lambda: 0.0)
    await aaaa_answers(TASK, Server(says=lambda name, rtype, transport: "NXDOMAIN"), rec)
    assert not is_worth_confirming(rec.steps, load()["aaaa_answers"].confirm_if)
