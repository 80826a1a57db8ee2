"""``docs/security.md`` names every requirement of OWASP ASVS 5.0.0 up to level 2 once, and only places that exist."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from auditor.service.accounts.login_backoff import LONGEST_WAIT
from auditor.service.accounts.model import IDLE, LIFETIME, LONGEST_TOKEN
from auditor.service.accounts.passwords import LONGEST, SHORTEST
from auditor.service.accounts.refusal_log import MOST
from auditor.service.web.api.models import LARGEST_PAGE
from auditor.service.web.pages.inventories.inventory_import import LARGEST
from auditor.service.web.server import HEAD
from inventory.sources.files import READERS
from probes.framework.budget import CONNECTIONS
from tests.architecture.tree import ROOT

DOCUMENT = ROOT / "docs" / "security.md"
UP_TO: Mapping[str, int] = {
    "1.1": 2,
    "1.2": 9,
    "1.3": 11,
    "1.4": 3,
    "1.5": 2,
    "2.1": 3,
    "2.2": 3,
    "2.3": 4,
    "2.4": 1,
    "3.2": 2,
    "3.3": 4,
    "3.4": 6,
    "3.5": 5,
    "3.7": 2,
    "4.1": 3,
    "4.2": 1,
    "4.3": 2,
    "4.4": 4,
    "5.1": 1,
    "5.2": 3,
    "5.3": 2,
    "5.4": 3,
    "6.1": 3,
    "6.2": 12,
    "6.3": 4,
    "6.4": 4,
    "6.5": 5,
    "6.6": 3,
    "6.8": 4,
    "7.1": 3,
    "7.2": 4,
    "7.3": 2,
    "7.4": 5,
    "7.5": 2,
    "7.6": 2,
    "8.1": 2,
    "8.2": 3,
    "8.3": 1,
    "8.4": 1,
    "9.1": 3,
    "9.2": 4,
    "10.1": 2,
    "10.2": 2,
    "10.3": 4,
    "10.4": 11,
    "10.5": 5,
    "10.6": 2,
    "10.7": 3,
    "11.1": 2,
    "11.2": 3,
    "11.3": 3,
    "11.4": 4,
    "11.5": 1,
    "11.6": 1,
    "12.1": 3,
    "12.2": 2,
    "12.3": 4,
    "13.1": 1,
    "13.2": 5,
    "13.3": 2,
    "13.4": 5,
    "14.1": 2,
    "14.2": 4,
    "14.3": 3,
    "15.1": 3,
    "15.2": 3,
    "15.3": 7,
    "16.1": 1,
    "16.2": 5,
    "16.3": 4,
    "16.4": 3,
    "16.5": 3,
    "17.1": 1,
    "17.2": 4,
    "17.3": 2,
}
"""The last requirement of level 1 or 2 in each section; requirements of level 3 follow them."""
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]*) \| (.+) \|$", re.MULTILINE)
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.*-]*|[\w-]+\.(?:md|toml|lock|py))`")
NO_PATHS = frozenset({"application/octet-stream", "auditor.toml"})


def rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall(DOCUMENT.read_text("utf-8"))


def named() -> Iterator[str]:
    yield from (one for one in PATH.findall(DOCUMENT.read_text("utf-8")) if one not in NO_PATHS)


def test_requirements_of_levels_1_and_2_are_253() -> None:
    assert sum(UP_TO.values()) == 253


def test_every_requirement_stands_there_once() -> None:
    wanted = Counter(f"{section}.{number + 1}" for section, last in UP_TO.items() for number in range(last))
    assert Counter(one for one, *_ in rows()) == wanted


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_requirement_is_met_with_a_place_or_not_applicable_with_a_reason(row: tuple[str, str, str, str]) -> None:
    _, requirement, verdict, where = row
    assert verdict in ("met", "not applicable")
    assert requirement.strip()
    assert len(where.strip()) > 3


def test_nothing_is_not_met() -> None:
    text = DOCUMENT.read_text("utf-8").lower()
    assert [word for word in ("not met", "partly met", "todo") if word in text] == []


def test_every_path_that_is_cited_exists() -> None:
    paths = set(named())
    assert len(paths) > 100
    assert sorted(path for path in paths if not (ROOT / path).exists()) == []


def test_every_chapter_that_is_cited_exists() -> None:
    text = DOCUMENT.read_text("utf-8")
    headings = set(re.findall(r"^## (.+)$", text, re.MULTILINE)) | {"Lost factor", "How to"}
    cited = {one for *_, where in rows() for one in re.findall(r"\*([A-Z][^*]+)\*", where)}
    assert cited - headings - {"Lost factor"} == set()


@pytest.mark.parametrize(
    "said",
    [
        f"a page of at most {LARGEST_PAGE}",
        f"{LARGEST // 1024**2} MB; {', '.join(f'`{reader}`' for reader in READERS)}",
        f"2 MB, {CONNECTIONS} connections",
        f"{MOST} actors a minute",
        f"{HEAD:.0f} s, 8 kB a line",
        f"after {IDLE // timedelta(hours=1)} hours without use and after {LIFETIME.days} days",
        f"have {SHORTEST} to {LONGEST} letters",
        f"at most {LONGEST_TOKEN.days} days",
        f"at most {LONGEST_WAIT // timedelta(minutes=1)} minutes",
    ],
)
def test_limit_is_what_the_program_keeps(said: str) -> None:
    assert said in " ".join(DOCUMENT.read_text("utf-8").split())


def test_the_other_documents_lead_here() -> None:
    assert "docs/security.md" in (ROOT / "SECURITY.md").read_text("utf-8")
    assert "(security.md)" in (ROOT / "docs" / "threat-model.md").read_text("utf-8")
