"""Tests DMARC discovery with made-up zones: the examples of RFC 9989, and invalid records."""

import pytest

from probes.wire.mail.dmarc import Dmarc, DmarcProblem, climb, evaluate, read


def found(domain: str, zone: dict[str, str]) -> Dmarc:
    """``zone`` maps names to their one record; "?" is not answered, "|" parts several."""
    walk = evaluate(domain)
    try:
        name, _ = next(walk)
        while True:
            text = zone.get(name, "")
            answer = None if text == "?" else tuple(f'"{part}"' for part in text.split("|") if part)
            name, _ = walk.send(answer)
    except StopIteration as end:
        result: Dmarc = end.value
        return result


def test_the_tree_walk_skips_to_seven_labels() -> None:
    assert list(climb("a.b.c.d.e.f.g.h.i.j.mail.vn")) == [
        "a.b.c.d.e.f.g.h.i.j.mail.vn",
        "f.g.h.i.j.mail.vn",
        "g.h.i.j.mail.vn",
        "h.i.j.mail.vn",
        "i.j.mail.vn",
        "j.mail.vn",
        "mail.vn",
        "vn",
    ]
    assert list(climb("a.vn")) == ["a.vn", "vn"]
    assert list(climb("a.b.c.d.e.f.g.vn"))[:2] == ["a.b.c.d.e.f.g.vn", "b.c.d.e.f.g.vn"]


@pytest.mark.parametrize(
    ("domain", "zone", "place", "policy"),
    [
        ("a.b.vn", {"_dmarc.a.b.vn": "v=DMARC1;p=reject"}, "a.b.vn", "reject"),
        ("a.b.vn", {"_dmarc.b.vn": "v=DMARC1;p=reject;sp=none"}, "b.vn", "none"),
        ("a.b.vn", {"_dmarc.b.vn": "v=DMARC1;p=reject;sp=;np=none"}, "b.vn", "reject"),
        ("a.vn", {"_dmarc.a.vn": "v=DMARC1;; p=reject; fo; rua:mailto:x@a.vn;;"}, "a.vn", "reject"),
        ("x.a.b.vn", {"_dmarc.a.b.vn": "v=DMARC1;p=none", "_dmarc.b.vn": "v=DMARC1;p=reject"}, "b.vn", "reject"),
        ("x.a.b.vn", {"_dmarc.a.b.vn": "v=DMARC1;p=none;psd=n", "_dmarc.b.vn": "v=DMARC1;p=reject"}, "a.b.vn", "none"),
        ("x.a.vn", {"_dmarc.vn": "v=DMARC1;p=reject;sp=quarantine;psd=y"}, "vn", "quarantine"),
        ("a.vn", {"_dmarc.a.vn": "v=DMARC1;p=reject|v=spf1 -all"}, "a.vn", "reject"),
        ("a.vn", {"_dmarc.a.vn": " v=DMARC1;p=reject", "_dmarc.vn": "v=DMARC1;p=none"}, "vn", "none"),
        ("a.vn", {"_dmarc.a.vn": "v = DMARC1 ; p = Reject ;"}, "a.vn", "reject"),
        ("a.vn", {"_dmarc.a.vn": "V=DMARC1; P=Reject"}, "a.vn", "reject"),
        ("x.a.vn", {"_dmarc.a.vn": "v=DMARC1; p=none; SP=Quarantine"}, "a.vn", "quarantine"),
    ],
)
def test_policy_is_found_at_the_right_place(domain: str, zone: dict[str, str], place: str, policy: str) -> None:
    result = found(domain, zone)
    assert (result.problem, result.place, result.policy(domain)) == (None, place, policy)


@pytest.mark.parametrize(
    ("zone", "problem"),
    [
        ({}, DmarcProblem.ABSENT),
        ({"_dmarc.a.vn": "v=dmarc1;p=reject"}, DmarcProblem.ABSENT),
        ({"_dmarc.a.vn": "v=DMARC10;p=reject"}, DmarcProblem.ABSENT),
        ({"_dmarc.a.vn": "v=DMARC1;p=none|v=DMARC1;p=reject"}, DmarcProblem.MULTIPLE),
        ({"_dmarc.a.vn": "v=DMARC1;p=rejekt"}, DmarcProblem.INVALID),
        ({"_dmarc.a.vn": "v=DMARC1;p"}, DmarcProblem.INVALID),
        ({"_dmarc.a.vn": "v=DMARC1;p=reject;sp:none"}, DmarcProblem.INVALID),
        ({"_dmarc.a.vn": "v=DMARC1;p=reject;sp=nonsense"}, DmarcProblem.INVALID),
        ({"_dmarc.a.vn": "v=DMARC1;p=reject;np=all"}, DmarcProblem.INVALID),
        ({"_dmarc.a.vn": "?"}, DmarcProblem.UNANSWERED),
        ({"_dmarc.vn": "?"}, DmarcProblem.UNANSWERED),
    ],
)
def test_problem_of_a_record_is_named(zone: dict[str, str], problem: DmarcProblem) -> None:
    assert found("a.vn", zone).problem is problem


def test_report_hosts_need_consent_of_their_domain() -> None:
    own = "v=DMARC1;p=reject;rua=mailto:x@a.vn,mailto:y@r.b.vn!5m,mailto:z@c.vn,https://d.vn,mailto:w@e.vn."
    agreed = {"_dmarc.a.vn": own, "a.vn._report._dmarc.r.b.vn": "v=DMARC1", "a.vn._report._dmarc.e.vn": "?"}
    result = found("a.vn", agreed)
    assert (result.refused, result.uncertain) == (("c.vn",), True)
    assert read(own).report_hosts == ("a.vn", "r.b.vn", "c.vn", "e.vn")
