"""Makes the public edition of a period as data: figures, targets and agencies, without anything that helps an attacker.

Only counts leave here, and the names of units of the organisation and of regulations. No text that a probed host, a
device or a row of the inventory gave is published, and no number of fewer than ``SMALL`` subjects.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from auditor.figures.figure import Figure
from auditor.figures.kpis import KPIS
from auditor.figures.period import Period, PeriodProgress, TargetProgress
from auditor.figures.publishable import SMALL, PublicRow, rows
from auditor.figures.target_sums import rests_on_few, target_sums
from auditor.framework.localdate import civil_day
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from reports.json_data import Plain, iso
from reports.table_rows import safe

SCHEMA = 1
LANGUAGES = ("vi", "en")
MOST_CORRECTIONS = 100
_COUNTS = ("of", "met", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Holds one edition of a period. ``earlier``: the document of the edition that this one replaces.

    ``same_rules``: the counts at the beginning and the end were judged by the same checks under the same policy.
    """

    progress: PeriodProgress
    issued: datetime
    issuer: str
    earlier: Mapping[str, Plain] | None = None
    same_rules: bool = True

    @property
    def period(self) -> Period:
        return self.progress.period


def document(edition: Edition) -> dict[str, Plain]:
    """Return the whole edition as plain data, in both languages."""
    progress = edition.progress
    made: dict[str, Plain] = {
        "schema": SCHEMA,
        "period": {
            "name": progress.period.name,
            "first": iso(progress.period.first),
            "last": iso(progress.period.last),
        },
        "issued": iso(edition.issued),
        "issuer": clean(edition.issuer, 200),
        "smallest": SMALL,
        "counted": {
            "times": progress.counts,
            "first": None if progress.start is None else iso(progress.start.day),
            "last": iso(progress.end.day),
            "same_rules": edition.same_rules,
            "slight_start": progress.slight_start,
            "doubtful": progress.doubtful,
            "fuller": None if progress.fuller is None else iso(progress.fuller.day),
        },
        "figures": list(_figures(progress)),
        "agencies": [_agency(row) for row in rows(progress.end.rollup)],
        "targets": [_target(target) for target in progress.targets],
        "target_counts": _target_counts(progress),
        "undecided": _undecided(progress),
    }
    return made | _history(made, edition)


def _figures(progress: PeriodProgress) -> Iterator[Plain]:
    start = {} if progress.start is None else progress.start.rollup.total.figures
    end = progress.end.rollup.total.figures
    languages = [Texts(lang) for lang in LANGUAGES]
    for name in KPIS:
        if name in end and end[name].of:
            title = {texts.lang: texts.kpi(name) for texts in languages}
            yield {"id": name, "title": title, "start": _counts(start.get(name)), "end": _counts(end[name])}


def _counts(figure: Figure | None) -> Plain:
    """Return nothing where the figure does not apply; ``too_few`` where it counts too few to be published."""
    if figure is None or not figure.of:
        return None
    if figure.of < SMALL:
        return {"too_few": True}
    return {"of": figure.of, "met": figure.met, "unknown": figure.unknown}


def _agency(row: PublicRow) -> Plain:
    count = row.count
    return {
        "figure": row.figure,
        "agency": clean(row.name, 200),
        "level": clean(row.level, 100),
        "units": row.units,
        **{name: getattr(count, name) for name in _COUNTS},
    }


def _target(target: TargetProgress) -> Plain:
    requirement, result = target.end.requirement, target.end
    few = rests_on_few(result)
    return {
        "framework": target.framework.id,
        "title": _cleaned(target.framework.title),
        "requirement": requirement.id,
        "article": clean(requirement.article, 200),
        "text": _cleaned(requirement.text),
        "due": iso(requirement.due),
        "start": None if few or target.start is None else target.start.compliance.value,
        "end": None if few else result.compliance.value,
        "met_since": None if few else iso(target.met_since),
        "counts": _counts(result.figure),
        "declared": [
            {"value": value.value, "as_of": iso(value.as_of)} for value in result.declared[:1] if not result.figure
        ],
    }


def _target_counts(progress: PeriodProgress) -> Plain:
    """Return how many targets there are, and how many of them nothing is said of here."""
    sums = target_sums(progress)
    return {"of": sums.of, "published": sums.published, "too_few": sums.few, "missing": sums.missing}


def _cleaned(words: Mapping[str, str]) -> Plain:
    return {lang: clean(words[lang], 2_000) for lang in LANGUAGES}


def _undecided(progress: PeriodProgress) -> Plain:
    reasons: Counter[str] = Counter()
    for name in KPIS:
        figure = progress.end.rollup.total.figures.get(name)
        if figure is not None and figure.of >= SMALL:
            reasons.update(figure.reasons)
    return [{"reason": reason, "number": number} for reason, number in sorted(reasons.items()) if number >= SMALL]


def _history(made: Mapping[str, Plain], edition: Edition) -> dict[str, Plain]:
    """Return the number of the edition, and the changes since each earlier one, the last first."""
    earlier = edition.earlier
    if earlier is None:
        return {"edition": 1, "corrections": []}
    number, kept = _whole(earlier.get("edition")), earlier.get("corrections")
    corrections = [one for one in kept if isinstance(one, dict)] if isinstance(kept, list) else []
    changes = list(_changes(earlier, made))
    if not changes:
        return {"edition": number, "corrections": corrections[:MOST_CORRECTIONS]}
    latest: Plain = {"edition": number, "issued": str(earlier.get("issued", ""))[:40], "changes": changes}
    return {"edition": number + 1, "corrections": [latest, *corrections][:MOST_CORRECTIONS]}


def _whole(value: object) -> int:
    return value if isinstance(value, int) and 0 < value < 10_000 else 1


def _changes(earlier: Mapping[str, Plain], made: Mapping[str, Plain]) -> Iterator[Plain]:
    before, after = dict(_numbers(earlier)), dict(_numbers(made))
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield {"what": list(key), "before": before.get(key), "after": after.get(key)}


def _numbers(made: Mapping[str, Plain]) -> Iterator[tuple[tuple[str, ...], Plain]]:
    """Yield every published number with its key."""
    for row in _rows(made, "figures"):
        yield ("figure", _text(row, "id")), row.get("end")
    for row in _rows(made, "agencies"):
        key = ("agency", *(_text(row, name) for name in ("figure", "agency", "level")))
        yield key, {name: row.get(name) for name in _COUNTS}
    for row in _rows(made, "targets"):
        yield ("target", _text(row, "framework"), _text(row, "requirement")), row.get("end")


def _rows(made: Mapping[str, Plain], name: str) -> Sequence[Mapping[str, Plain]]:
    found = made.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _text(row: Mapping[str, Plain], name: str) -> str:
    return clean(str(row.get(name, "")), 200)


def earlier_edition(data: bytes, period: Period) -> Mapping[str, Plain] | None:
    """Read the document of an earlier edition; None for anything that is not one of this period."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    named = found.get("period") if isinstance(found, dict) else None
    is_same = isinstance(named, dict) and named.get("name") == period.name and found.get("schema") == SCHEMA
    return found if is_same else None


def tables(made: Mapping[str, Plain]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each CSV file (RFC 4180, UTF-8 with a byte order mark)."""
    heads = ("figure", "title_vi", "title_en", *(f"{when}_{name}" for when in ("start", "end") for name in _COUNTS))
    yield "figures.csv", _csv(heads, (_figure_row(row) for row in _rows(made, "figures")))
    yield "agencies.csv", _table(made, "agencies", ("figure", "agency", "level", "units", *_COUNTS))
    names = ("framework", "requirement", "article", "due", "start", "end", "met_since")
    lines = ([*(row.get(name) for name in names), *_in_both(row, "text")] for row in _rows(made, "targets"))
    yield "targets.csv", _csv((*names, "text_vi", "text_en"), lines)
    yield "undecided.csv", _table(made, "undecided", ("reason", "number"))


def _table(made: Mapping[str, Plain], name: str, columns: Sequence[str]) -> bytes:
    return _csv(columns, ([row.get(column) for column in columns] for row in _rows(made, name)))


def _figure_row(row: Mapping[str, Plain]) -> list[Plain]:
    counts = [row.get("start"), row.get("end")]
    numbers = [count.get(name) if isinstance(count, dict) else None for count in counts for name in _COUNTS]
    return [row.get("id"), *_in_both(row, "title"), *numbers]


def _in_both(row: Mapping[str, Plain], name: str) -> list[Plain]:
    text = row.get(name)
    return [text.get(lang) if isinstance(text, dict) else None for lang in LANGUAGES]


def _csv(head: Sequence[str], lines: Iterator[list[Plain]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in line] for line in lines)
    return out.getvalue().encode("utf-8-sig", "backslashreplace")


def _cell(value: Plain) -> str:
    return "" if value is None else str(value) if isinstance(value, int) else safe(str(value))


def catalogue(made: Mapping[str, Plain], titles: Mapping[str, str], files: Sequence[str]) -> Plain:
    """Describe the data set in DCAT 3 (JSON-LD)."""
    period = made["period"]
    span = period if isinstance(period, dict) else {}
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@type": "dcat:Dataset",
        "dct:title": [{"@value": titles[lang], "@language": lang} for lang in LANGUAGES],
        "dct:publisher": {"@type": "dct:Agent", "dct:title": made["issuer"]},
        "dct:issued": {"@value": made["issued"], "@type": "xsd:dateTime"},
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@value": span.get("first"), "@type": "xsd:date"},
            "dcat:endDate": {"@value": span.get("last"), "@type": "xsd:date"},
        },
        "dcat:distribution": [
            {
                "@type": "dcat:Distribution",
                "dcat:accessURL": {"@id": name},
                "dcat:mediaType": "text/csv" if name.endswith(".csv") else "application/json",
            }
            for name in files
        ],
    }


def day_of(text: object) -> date | None:
    """Read the day in Vietnam of a written moment or day; None where it is neither."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return civil_day(moment) if moment.tzinfo is not None else moment.date()
