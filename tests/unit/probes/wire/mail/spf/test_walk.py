"""The published test suite of RFC 7208 (openspf.org, release 2014.04; ``rfc7208/``, BSD licence): every case of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml

from probes.wire.mail.spf.asker import of_address
from probes.wire.mail.spf.walk import Spf, SpfProblem, evaluate

SUITE = Path(__file__).parents[1] / "rfc7208" / "rfc7208-tests.yml"
WORDS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
PROBLEMS = {SpfProblem.ABSENT: "none", SpfProblem.UNANSWERED: "temperror"}
TIMEOUT = "TIMEOUT"


@dataclass(frozen=True)
class Scenario:
    """``rows`` maps a name to its records by type; a record of None, or of the type "", is never answered."""

    rows: Mapping[str, tuple[tuple[str, str | None], ...]]

    def answer(self, name: str, rtype: str, aliases: int = 8) -> tuple[str, ...] | None:
        wanted = name.lower().removesuffix(".")
        rows = self.rows.get(wanted, ())
        values = [value for kind, value in rows if kind == rtype]
        if not values and (("", None) in rows or (not rows and wanted.startswith("error."))):
            return None
        alias = next((value for kind, value in rows if kind == "CNAME" and value), None)
        if alias is not None:
            return self.answer(alias, rtype, aliases - 1) if aliases else None
        return None if None in values else tuple(value for value in values if value is not None)


def quoted(text: str) -> str:
    plain = [chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03}" for b in text.encode()]
    return '"' + "".join(plain) + '"'


def rows(records: list[Any]) -> Iterator[tuple[str, str | None]]:
    """SPF records stand for TXT records too, unless there are any (the suite's own convention)."""
    pairs = [("", TIMEOUT) if record == TIMEOUT else next(iter(record.items())) for record in records]
    texts = any(kind == "TXT" for kind, _ in pairs)
    for kind, value in pairs:
        if value == TIMEOUT:
            yield kind, None
        elif kind in {"TXT", "SPF"}:
            if value != "NONE" and (kind == "TXT" or not texts):
                yield "TXT", " ".join(map(quoted, [value] if isinstance(value, str) else value))
        else:
            yield kind, f"{value[0]} {value[1]}" if kind == "MX" else value


def told(zone: Scenario, case: Mapping[str, Any]) -> Spf:
    local, _, domain = str(case["mailfrom"]).rpartition("@")
    domain = domain or str(case["helo"])
    sender = f"{local or 'postmaster'}@{domain}"
    walk = evaluate(domain, of_address(ip_address(case["host"]), domain, sender=sender, helo=str(case["helo"])))
    try:
        question = next(walk)
        while True:
            question = walk.send(zone.answer(*question))
    except StopIteration as end:
        spf: Spf = end.value
        return spf


def cases() -> Iterator[Any]:
    for document in yaml.safe_load_all(SUITE.read_bytes()):
        zone = Scenario({name.lower(): tuple(rows(records)) for name, records in document["zonedata"].items()})
        for name, case in document["tests"].items():
            yield pytest.param(zone, case, id=f"{document['description']}: {name}")


@pytest.mark.parametrize(("zone", "case"), list(cases()))
def test_result_is_that_of_the_rfc_test_suite(zone: Scenario, case: Mapping[str, Any]) -> None:
    spf = told(zone, case)
    text = WORDS[spf.result] if spf.problem is None else PROBLEMS.get(spf.problem, "permerror")
    assert text in (case["result"] if isinstance(case["result"], list) else [case["result"]])
