"""Every text of every check is in both languages, with the same fields, and no unused translation is left."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from auditor import locale
from auditor.framework.check import Check, load
from auditor.framework.findings import Outcome
from auditor.framework.message_format import fields
from auditor.texts.translate import LANGUAGES, Texts

LONGEST_TITLE = 80
PO = Path(locale.__file__).parent / "vi" / "LC_MESSAGES" / "checks.po"


def by_code() -> dict[str, str]:
    """Return the English texts of every check: ``<check id>/<CODE>``, its remedy and problem; the check's own texts."""
    texts: dict[str, str] = {}
    for check in load().values():
        texts |= {f"{check.id}/title": check.title, f"{check.id}/why": check.why, f"{check.id}/fix": check.fix}
        texts |= {f"{check.id}/problem": check.problem}
        texts |= {f"{check.id}/{code}.problem": text for code, text in check.problems.items()}
        texts |= {f"{check.id}/fix.{vendor}": text for vendor, text in check.vendor_fixes.items()}
        for code, message in check.messages.items():
            texts[f"{check.id}/{code}"] = message.text
            if message.fix is not None:
                texts[f"{check.id}/{code}.fix"] = message.fix
    return texts


def english() -> set[tuple[str, str]]:
    """Return every text with the context of its translation; standard messages of one code may differ in text."""
    contexts = {
        f"{check.id}/{code}{part}": f"{check.context(code)}{part}"
        for check in load().values()
        for code in check.messages
        for part in ("", ".fix")
    }
    return {(contexts.get(key, key), text) for key, text in by_code().items()}


def vietnamese() -> dict[tuple[str, str], str]:
    with PO.open("rb") as source:
        catalogue = read_po(source, locale="vi", abort_invalid=True)
    assert not [message.id for message in catalogue if message.fuzzy and message.id]
    return {(str(message.context), str(message.id)): str(message.string) for message in catalogue if message.id}


def test_every_text_is_translated_and_no_other() -> None:
    assert vietnamese().keys() == english()


def test_a_translation_is_another_text_with_the_same_fields() -> None:
    for key, translated in vietnamese().items():
        assert translated.strip(), key
        assert translated != key[1], key
        assert fields(translated) == fields(key[1]), key


def test_a_translation_is_vietnamese() -> None:
    """A text longer than a few words has letters that only Vietnamese has."""
    special = set("ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹàáãèéìíòóõùúýĩũ")
    for key, translated in vietnamese().items():
        assert special & set(translated.lower()), key


@pytest.mark.parametrize("check", load().values(), ids=lambda check: check.id)
def test_a_check_says_what_it_is_for(check: Check) -> None:
    assert check.title
    assert check.why.endswith(".")
    assert check.fix.endswith(".")
    assert check.references
    assert check.needs
    outcomes = {message.outcome for message in check.messages.values()}
    assert Outcome.PASS in outcomes
    assert outcomes & {Outcome.FAIL, Outcome.WARN}
    assert Outcome.ERROR not in outcomes


@pytest.mark.parametrize("check", load().values(), ids=lambda check: check.id)
def test_problems_belong_to_codes_that_fail_or_warn(check: Check) -> None:
    defects = {code for code, message in check.messages.items() if message.outcome in (Outcome.FAIL, Outcome.WARN)}
    assert check.problems.keys() <= defects
    assert check.problem not in check.problems.values()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("check", load().values(), ids=lambda check: check.id)
def test_problem_of_every_defect_is_a_short_title_and_not_the_requirement(check: Check, lang: str) -> None:
    texts = Texts(lang)
    for code, message in check.messages.items():
        if message.outcome not in (Outcome.FAIL, Outcome.WARN):
            continue
        problem = texts.problem(check.id, code)
        assert 0 < len(problem) <= LONGEST_TITLE, code
        assert problem.casefold() != texts.title(check.id).casefold(), code
        assert problem[-1] not in ".;:,", code
        assert "{" not in problem, code


@pytest.mark.parametrize("check", load().values(), ids=lambda check: check.id)
def test_codes_and_fields_are_well_formed(check: Check) -> None:
    for code, message in check.messages.items():
        assert re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", code), code
        assert message.text.endswith("."), code
        # A remedy may only use values that its message has: they are filled from the same verdict.
        assert fields(message.fix or "") <= fields(message.text), code
        assert (message.reason is None) or message.outcome is Outcome.INCONCLUSIVE, code
