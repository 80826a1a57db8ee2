"""English says one thing of one and another of many: "accepts" of one address, "accept" of two; never "1 days"."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from auditor.framework.message_format import choosing, fields, fill
from tests.architecture.ui_texts import found
from tests.golden.case import HERE
from tests.golden.documents import read
from tests.unit.across_modules.test_check_texts import by_code as of_checks
from tests.unit.across_modules.test_check_texts import vietnamese
from tests.unit.auditor.texts.test_translate import catalogue
from tests.unit.auditor.texts.test_translate import english as of_framework

FILES = sorted(path for path in HERE.glob("*/*.json") if "." in path.parent.name)
COUNTED = re.compile(r"(?<![\w.,:/=-])1 (?:(?!of )[A-Za-z][\w-]* ){0,2}?(?P<noun>[a-z]{2,}s)\b")
NO_NOUN = frozenset(
    {
        "address",
        "needs",
        "across",
        "is",
        "rests",
        "was",
        "has",
        "does",
        "answers",
        "less",
        "its",
        "this",
        "bits",
        "bytes",
        "characters",
        "ms",
        "us",
        "pixels",
    }
)
"""Words that end alike; no key, packet or limit is of one bit, byte or character."""
PLURAL_VERB = r"(?:are|were|have|do|accept|announce|answer|apply|bring|count|differ|give|lack|need|serve|stand)"
NEVER_ONE = frozenset(
    {
        "ipv6.dns.ns-aaaa/TWO_OR_MORE",
        "ipv6.dns.ns-all-dual/ALL",
        "ipv6.dns.ns-v4v6-consistency/SAME",
        "ipv6.dns.ns-v4v6-consistency/SAME_BUT",
        "ipv6.dns.ns-v4v6-consistency/SEVERAL_SIGNERS",
        "period/targets_elsewhere",
        "public/agencies_note",
        "public/targets_few",
        "public/too_few",
    }
)
"""Texts used only for two or more; for targets, that they rest on fewer subjects than required."""


def _said() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (file, English template, values) of every finding of a golden case."""
    texts = of_checks()
    for path in FILES:
        for one in read(path)["findings"]:
            template = texts.get(f"{path.parent.name}/{one['code']}")
            if template is not None:
                yield f"{path.parent.name}/{path.stem}", template, one["args"]


@cache
def _templates() -> dict[str, str]:
    return of_checks() | of_framework() | {f"ui: {ui_text.text}": ui_text.text for ui_text in found()}


def _plural_of_one(text: str) -> list[str]:
    return [match.group() for match in COUNTED.finditer(text) if match["noun"] not in NO_NOUN]


def test_one_is_no_plural_in_anything_a_golden_case_says() -> None:
    assert [
        (where, wrong) for where, template, args in _said() for wrong in _plural_of_one(fill(template, args, "en"))
    ] == []


def test_a_list_of_one_takes_no_plural_verb_in_anything_a_golden_case_says() -> None:
    wrong = []
    for where, template, args in _said():
        for name in (name for name, form in fields(template) if form == "list" and len(args.get(name, ())) == 1):
            single = fill("{" + name + ":list}", args, "en")
            wrong += [(where, m.group()) for m in _verb_after(single).finditer(fill(template, args, "en"))]
    assert wrong == []


def _verb_after(subject: str) -> re.Pattern[str]:
    """Return a pattern that matches only at the start of a sentence or clause, not in "the addresses of X answer"."""
    return re.compile(rf"(?:^(?:What )?|[,;:] (?:but |which )?){re.escape(subject)} (?:of \S+ )?{PLURAL_VERB}\b")


def test_a_number_of_one_is_followed_by_no_plural() -> None:
    known = [(where, text) for where, text in _templates().items() if where not in NEVER_ONE]
    assert [(where, wrong) for where, text in known for wrong in _plural_of_one(fill(text, _ones(text), "en"))] == []


def _ones(template: str) -> dict[str, object]:
    return {name: 1 if form == "n" else ["x"] if form == "list" else "x" for name, form in fields(template)}


def test_words_are_chosen_by_a_number_that_the_text_shows() -> None:
    """The caller that fills in the text gives that value; a text without any values has no word to choose."""
    known = _templates().items()
    assert [where for where, text in known if not choosing(text) <= {name for name, _ in fields(text)}] == []


def test_vietnamese_has_one_form() -> None:
    translated = list(vietnamese().values()) + [str(message.string) for message in catalogue()]
    assert [text for text in translated if choosing(text)] == []
