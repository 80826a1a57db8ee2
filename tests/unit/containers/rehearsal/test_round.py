"""Options of a round go to the audits, to the report, or to both."""

import pytest

from containers.rehearsal.round import parted, spoken


@pytest.mark.parametrize(
    ("options", "of_report", "of_audits"),
    [
        ((), [], []),
        (("--lang", "en"), ["--lang", "en"], []),
        (("--only", "ipv6", "--format=xlsx", "-q"), ["--format=xlsx"], ["--only", "ipv6", "-q"]),
        (("--format", "pdf", "--skip", "tslcd"), ["--format", "pdf"], ["--skip", "tslcd"]),
    ],
)
def test_parted_tells_options_of_the_report(
    options: tuple[str, ...], of_report: list[str], of_audits: list[str]
) -> None:
    assert parted(options) == (of_report, of_audits)


@pytest.mark.parametrize("words", [["--lang", "en"], ["--lang=en"], ["--color", "never", "--lang", "en"]])
def test_spoken_gives_audits_the_language_of_the_report(words: list[str]) -> None:
    assert spoken(words)[0].startswith("--lang")
    assert spoken(words)[-1].endswith("en")


def test_spoken_without_a_language_is_empty() -> None:
    assert spoken(["--format", "pdf"]) == []
