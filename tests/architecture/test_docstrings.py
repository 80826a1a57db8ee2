"""The first line of a docstring says in one sentence with a verb what a module, class or function does."""

from pathlib import Path

import pytest

from tests.architecture.docstrings import first_lines, fragments, is_plain, is_sentence, riddles


def test_modules_begin_with_a_sentence() -> None:
    assert fragments("module") == []


def test_first_lines_name_what_they_are_about() -> None:
    assert riddles() == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Return the SOA records of the zone in an answer.", True),
        ("The answers of a server, by type.", True),
        ("Return what came back.", False),
        ("Serves whoever asks.", False),
        ("Of a referral: no authority, no answer.", False),
        ("By more than one witness.", False),
        ("Whether a policy applies.", False),
        ("Offers bytes over any transport.", True),
    ],
)
def test_is_plain(line: str, *, expected: bool) -> None:
    assert is_plain(line) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Reads a connected socket until its end.", True),
        ("Return the first subject that has scores.", True),
        ("Applies, then verifies a policy.", True),
        ("True if at least two peers report every path down.", True),
        ("Raised where a file cannot be used.", True),
        ("What comes on a connected socket.", False),
        ("The first subject that has scores.", False),
        ("Whether a policy applies.", False),
        ("A semaphore.", False),
        ("Rows of the audit log.", False),
        ("Facts about an SSH server, read before anybody logs in.", False),
        ("Reads a connected socket until its end, which is where the", False),
    ],
)
def test_is_sentence_with_a_verb(line: str, *, expected: bool) -> None:
    assert is_sentence(line) is expected


def test_first_lines_of_planted_fragments_are_seen() -> None:
    source = '"""What it is."""\nclass Plan:\n    """One plan."""\n    def _own(self):\n        """The own."""\n'
    assert [line.text for line in first_lines(Path("planted.py"), source) if not is_sentence(line.text)] == [
        "What it is.",
        "One plan.",
        "The own.",
    ]
    assert [line.text for line in first_lines(Path("planted.py"), source) if not is_plain(line.text)] == [
        "What it is.",
        "One plan.",
    ]
