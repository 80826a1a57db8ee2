"""Tests that codes become words in both languages, values are shown by language, and outside text is harmless."""

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from hypothesis import example, given
from hypothesis import strategies as st

from auditor.figures.scoring import AREAS
from auditor.framework.check import fail
from auditor.framework.context import Health
from auditor.framework.findings import CheckId, Level, LevelBasis, Outcome, Reason, Severity
from auditor.framework.message_format import FORMS, LONGEST_VALUE, clean, fields, fill, percent
from auditor.service.web.words.lookup import UI as WEB
from auditor.texts import translate as module
from auditor.texts.messages_en import FRAMEWORK, LIMITS, WORDS
from auditor.texts.translate import Texts, code_of
from inventory.model import Kind, Network, SubjectId
from probes.framework.evidence import FailureKind
from reports.evidence_words import EVIDENCE_WORDS
from reports.failure_words import FAILURE_WORDS
from reports.period.texts import PERIOD_TEXTS
from reports.public.texts import PUBLIC_TEXTS
from reports.report_texts import UI
from reports.shown_results import NOT_TESTED
from tests.golden.documents import read
from tests.unit.reports.sample import CHECKS, Says

GOLDEN = Path(__file__).parents[3] / "golden"
PO = Path(module.__file__).parents[1] / "locale" / "vi" / "LC_MESSAGES" / "reports.po"
SAME_IN_BOTH = {"network/internet", "network/tslcd", "web/logged_in_as", "public/changed"} | {
    f"period/{key}" for key in ("became", "official_dots", "official_line")
}
VI, EN = Texts("vi", CHECKS), Texts("en", CHECKS)


def english() -> dict[str, str]:
    """Return every text of the framework, of the reports and of the pages, by context."""
    found = {f"framework/{code}": message for code, (message, _) in FRAMEWORK.items()}
    found |= {f"framework/{code}.fix": fix for code, (_, fix) in FRAMEWORK.items() if fix}
    found |= {f"limits/{code}": text for code, text in LIMITS.items()}
    found |= {f"report/{key}": text for key, text in UI.items()}
    found |= {f"evidence/{key}": text for key, text in {**EVIDENCE_WORDS, **FAILURE_WORDS}.items()}
    found |= {f"public/{key}": text for key, text in PUBLIC_TEXTS.items()}
    found |= {f"period/{key}": text for key, text in PERIOD_TEXTS.items()}
    found |= {f"web/{key}": text for key, text in WEB.items()}
    return found | dict(WORDS)


def catalogue() -> list[Message]:
    with PO.open("rb") as source:
        return [message for message in read_po(source, locale="vi", abort_invalid=True) if message.id]


def test_the_catalogue_has_every_text_and_no_other() -> None:
    assert {(message.context, message.id) for message in catalogue()} == set(english().items())


def test_translations_are_translations() -> None:
    for message in catalogue():
        assert not message.fuzzy, message.context
        assert message.string, message.context
        assert (message.string == message.id) == (message.context in SAME_IN_BOTH), message.context
        assert fields(str(message.string)) == fields(str(message.id)), message.context


@pytest.mark.parametrize("text", english().values())
def test_fields_have_a_known_form(text: str) -> None:
    assert {form for _, form in fields(text)} <= FORMS | {""}


def _values(kind: Iterable[object]) -> list[str]:
    return [str(getattr(one, "value", one)) for one in kind]


@pytest.mark.parametrize(
    ("group", "values"),
    [
        ("outcome", [*_values(Outcome), NOT_TESTED]),
        ("severity", _values(Severity)),
        ("level", _values(Level)),
        ("basis", _values(LevelBasis)),
        ("kind", _values(Kind)),
        ("network", _values(Network)),
        ("health", _values(Health)),
        ("failure", _values(FailureKind)),
        ("area", list(AREAS)),
        ("grade", ["met", "partly", "not_met", "not_enough_evidence"]),
        ("ladder", [f"{name}.{level}" for name in ("service", "device", "point") for level in range(5)]),
    ],
)
def test_every_value_has_its_word(group: str, values: list[str]) -> None:
    assert {key.partition("/")[2] for key in WORDS if key.startswith(group + "/")} == set(values)


def test_every_reason_says_what_was_missing_and_what_to_do() -> None:
    for reason in Reason:
        message, fix = FRAMEWORK[code_of(reason)]
        assert message
        assert fix
        assert VI.reason(reason) != EN.reason(reason) == message


def test_numbers_dates_and_lists_by_language() -> None:
    args = {
        "n": 1284,
        "ratio": 0.99999,
        "list": ("a", "b", "c"),
        "when": "2026-03-01T23:30:00+00:00",
        "day": "2026-10-30",
    }
    template = "{n:n} {ratio:percent} {list:list} {when:date} {when:datetime} {day:date} {n}"
    assert fill(template, args, "vi") == "1.284 99,9% a, b và c 02/03/2026 02/03/2026 06:30 (UTC+7) 30/10/2026 1284"
    assert fill(template, args, "en") == "1,284 99.9% a, b, and c 2 Mar 2026 2 Mar 2026 06:30 (UTC+7) 30 Oct 2026 1284"


def test_fill_accepts_date_objects() -> None:
    assert fill("{d:date} {d:datetime}", {"d": date(2026, 10, 30)}, "vi") == "30/10/2026 30/10/2026"
    assert fill("{d:date}", {"d": datetime(2026, 10, 30, 18, tzinfo=UTC)}, "vi") == "31/10/2026"


@pytest.mark.parametrize(
    ("ratio", "said"), [(1.0, "100%"), (0.9999, "99.9%"), (0.67, "67%"), (0.29, "29%"), (0.0, "0%"), (1 / 3, "33.3%")]
)
def test_percentages_are_never_rounded_up(ratio: float, said: str) -> None:
    assert percent(ratio, "en") == said


def test_braces_and_odd_fields_are_left_alone() -> None:
    assert fill("server {{ listen [::]:443; }} { x } {x!r} {0} {x:>9}", {"x": 1}, "en") == (
        "server { listen [::]:443; } { x } {x!r} {0} {x:>9}"
    )


def test_values_are_not_templates() -> None:
    assert fill("{a} {b}", {"a": "{b}{{", "b": "{a:n}"}, "en") == "{b}{{ {a:n}"


def test_missing_and_empty_values_show_as_such() -> None:
    assert fill("{a} {b:date} {c:list}", {"b": "", "c": ()}, "vi") == "? – –"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("a\u202eb\u2066", "a\\u202eb\\u2066"),
        ("one\ntwo\r\n\t", "one\\ntwo\\r\\n\\t"),
        ("\x9b31m\u200b\ufeff\u2028", "\\x9b31m\\u200b\\ufeff\\u2028"),
        ("\ud800\U000e0041", "\\ud800\\U000e0041"),
        ("Sở Xây dựng – 5 ≥ 3", "Sở Xây dựng – 5 ≥ 3"),
    ],
)
def test_active_characters_are_made_visible(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_values_are_bounded() -> None:
    assert len(fill("{x}", {"x": "A" * 10_000}, "en")) == LONGEST_VALUE
    assert fill("{x:list}", {"x": tuple(map(str, range(1000)))}, "en").endswith("… (+980)")


def test_a_whole_list_has_every_item_up_to_what_a_cell_of_a_workbook_takes() -> None:
    ports = tuple(f"GigabitEthernet1/0/{port}" for port in range(700))
    assert fill("{x:list}", {"x": ports}, "en", whole=True).endswith(f"{ports[-2]}, and {ports[-1]}")
    hostile = fill("{x}", {"x": ("A" * 10_000,) * 5_000}, "en", whole=True)
    assert len(hostile) < 20_100
    assert re.search(r"… \(\+49\d\d\)$", hostile)


def test_levels_of_light_are_written_as_the_language_does_and_ports_as_they_are_called() -> None:
    levels = ("ge-0/0/0.100 -23.5 dBm (≥ -20.1)", "Te1/1 -7.2 dBm")
    assert fill("{x:levels}", {"x": levels}, "vi") == "ge-0/0/0.100 -23,5 dBm (≥ -20,1) và Te1/1 -7,2 dBm"
    assert fill("{x:levels}", {"x": levels}, "en") == "ge-0/0/0.100 -23.5 dBm (≥ -20.1) and Te1/1 -7.2 dBm"


anything = st.one_of(
    st.text(), st.integers(), st.floats(), st.lists(st.text()).map(tuple), st.binary(), st.none(), st.booleans()
)


@given(
    template=st.text(alphabet="{}abn:1_ listdaeprcm"), value=anything, form=st.sampled_from(sorted(FORMS | {"", "odd"}))
)
@example(template="", value=10**25, form="n")
def test_filling_never_raises_and_is_one_line(template: str, value: object, form: str) -> None:
    fill(template, {"a": value, "b": value}, "vi")
    shown = fill("{a:" + form + "}" if form else "{a}", {"a": value}, "en")
    assert shown
    assert shown.isprintable() or not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in shown)


def test_messages_and_remedies() -> None:
    none = Says("ipv6.web.aaaa", "NONE", Outcome.FAIL).of("x")
    reach = Says("ipv6.web.reach", "UNREACHABLE", Outcome.FAIL, {"port": 443, "attempts": 1284}).of("x")
    good = Says("ipv6.web.reach", "OPEN", Outcome.PASS, {"port": 443}).of("x")
    blind = Says("ipv6.web.reach", "U_V6", Outcome.INCONCLUSIVE, reason=Reason.V6).of("x")
    bug = Says("ipv6.web.reach", "BUG", Outcome.ERROR).of("x")
    assert EN.message(reach) == "TCP 443 gave no answer in 1,284 attempts."
    assert EN.remedy(none) == "Publish an AAAA record."
    assert EN.remedy(reach) == CHECKS[reach.check].fix
    assert EN.remedy(good) is None
    assert EN.message(blind) == FRAMEWORK["U_V6"][0]
    assert EN.remedy(blind) == FRAMEWORK["U_V6"][1]
    assert VI.message(blind) != EN.message(blind)
    assert EN.remedy(bug) == FRAMEWORK["BUG"][1]


def test_an_inconclusive_code_of_a_check_has_its_reasons_remedy() -> None:
    own = Says("ipv6.web.reach", "OPEN", Outcome.INCONCLUSIVE, {"port": 443}, reason=Reason.RATE).of("x")
    assert EN.remedy(own) == FRAMEWORK["U_RATE"][1]


def test_heading_of_a_defect_is_its_problem_and_of_any_other_finding_the_requirement() -> None:
    reach = CheckId("ipv6.web.reach")
    problems = {"RESET": "The site resets connections over IPv6"}
    check = replace(CHECKS[reach], problem="The site cannot be reached over IPv6", problems=problems)
    texts = Texts("en", {**CHECKS, reach: check})
    assert texts.heading(Says(reach, "SILENT", Outcome.FAIL).of("x")) == "The site cannot be reached over IPv6"
    assert texts.heading(Says(reach, "RESET", Outcome.WARN).of("x")) == problems["RESET"]
    assert texts.heading(Says(reach, "OPEN", Outcome.PASS).of("x")) == check.title
    assert texts.heading(Says(reach, "U_V6", Outcome.INCONCLUSIVE).of("x")) == check.title


def test_outline_of_a_defect_is_told_without_ellipses() -> None:
    for texts in (VI, EN):
        failed = Says("ipv6.web.reach", "UNREACHABLE", Outcome.FAIL).of("x")
        assert "…" in texts.saying(failed.check, failed.code)
        assert texts.outlined(failed) == texts.problem(failed.check, failed.code)
        passed = Says("ipv6.web.reach", "OPEN", Outcome.PASS).of("x")
        assert texts.outlined(passed) == texts.saying(passed.check, passed.code)


def test_saying_ends_with_one_ellipsis() -> None:
    egress = replace(CHECKS[CheckId("meta.selftest.egress")], messages={"BLOCKED": fail("Blocked: {ports}.")})
    assert Texts("en", {egress.id: egress}).saying(egress.id, "BLOCKED") == "Blocked: …"


def test_problem_that_is_not_declared_is_the_requirement() -> None:
    assert EN.problem(CheckId("ipv6.gone.away"), "WHATEVER") == "ipv6.gone.away"
    bare = {id_: replace(check, problem="", problems={}) for id_, check in CHECKS.items()}
    assert Texts("en", bare).problem(CheckId("ipv6.web.aaaa"), "NONE") == "Website has an IPv6 address"


def test_what_is_unknown_shows_as_its_code() -> None:
    odd = Says("ipv6.gone.away", "WHATEVER", Outcome.FAIL).of("x")
    assert EN.message(odd) == "WHATEVER"
    assert EN.title(odd.check) == "ipv6.gone.away"
    assert EN.remedy(odd) is None
    assert EN.limit("NEW_LIMIT", {}) == "NEW_LIMIT"
    assert EN.word("kind", "spaceship") == "spaceship"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="there are vi, en"):
        Texts("fr")


def _write_po(folder: Path, text: str) -> Path:
    po = folder / "vi" / "LC_MESSAGES" / "reports.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    po.write_text(f'{head}msgctxt "report/x"\nmsgid "Word"\nmsgstr "{text}"\n')
    return po


def test_a_catalogue_that_was_not_compiled_is_read_all_the_same(tmp_path: Path) -> None:
    po = _write_po(tmp_path, "Lời")
    assert module._catalogue(po).pgettext("report/x", "Word") == "Lời"
    assert module._catalogue(po).pgettext("report/y", "Other") == "Other"


def test_a_stale_compiled_catalogue_is_not_believed(tmp_path: Path) -> None:
    from auditor.locale.compile import compile_catalogues

    po = _write_po(tmp_path, "Cũ")
    (mo,) = compile_catalogues(tmp_path)
    _write_po(tmp_path, "Mới")
    os.utime(po, (2_000_000_000, 2_000_000_000))
    os.utime(mo, (1_000_000_000, 1_000_000_000))
    assert module._catalogue(po).pgettext("report/x", "Word") == "Mới"
    os.utime(mo, (2_000_000_000, 2_000_000_000))
    assert module._catalogue(po).pgettext("report/x", "Word") == "Cũ"


def test_compiled_catalogue_has_no_date_of_its_making(tmp_path: Path) -> None:
    from auditor.locale.compile import compile_catalogues

    _write_po(tmp_path, "Lời")
    (mo,) = compile_catalogues(tmp_path)
    assert b"POT-Creation-Date: 1970-01-01 00:00+0000\n" in mo.read_bytes()


def test_a_subject_of_a_finding_is_not_needed_for_its_text() -> None:
    finding = Says("ipv6.web.aaaa", "PUBLISHED", Outcome.PASS, {"n": 2}).of(SubjectId("x"))
    assert EN.message(finding) == "2 IPv6 addresses are published: ?."


def test_what_a_finding_is_about_is_a_name_or_said_in_both_languages() -> None:
    """A plain English word among the details of all golden cases has a translation."""
    details = {
        (CheckId(path.parent.name), one["detail"])
        for path in GOLDEN.glob("*.*/*.json")
        for one in read(path)["findings"]
        if one["detail"]
    }
    plain = {(check, said) for check, said in details if re.fullmatch(r"[a-z]{2,}(?:[ -][a-z]+)*", said)}
    assert plain == {tuple(word.split("/")[1:]) for word in WORDS if word.startswith("detail/")}
    for check, said in plain:
        assert VI.detail(check, said) != EN.detail(check, said)
        assert VI.detail(CheckId("security.mail.dkim"), said) == said, "a selector may be called so"
    assert VI.detail(CheckId("ipv6.mail.mx-reach"), None) == ""
