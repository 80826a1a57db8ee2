"""Makes the public edition of a period as files: a page in each language that needs nothing else, and open data."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from auditor.figures.figure import is_interval
from auditor.figures.period import Period
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from reports.json_data import Plain, encode
from reports.page_templates import environment
from reports.public.edition import LANGUAGES, Edition, catalogue, day_of, document, tables
from reports.public.texts import tell

PAGES = {"vi": "index.html", "en": "en.html"}
DATA, SCHEMA, DIGESTS = "data.json", "data.schema.json", "SHA256SUMS"
_DATA_SET = "dcat.jsonld"


def site(edition: Edition) -> dict[str, bytes]:
    """Return every file of the edition by name; ``SHA256SUMS``, the last one, has the digests of the others."""
    made = document(edition)
    titles = {lang: _title(Texts(lang), edition.period) for lang in LANGUAGES}
    files = {
        DATA: encode(made) + b"\n",
        SCHEMA: (resources.files("reports") / "public_edition.schema.json").read_bytes(),
    }
    files |= dict(tables(made))
    files[_DATA_SET] = encode(catalogue(made, titles, [name for name in files if name != SCHEMA])) + b"\n"
    files |= {PAGES[lang]: _page(made, Texts(lang), edition.period, tuple(files)) for lang in LANGUAGES}
    sums = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    return {**files, DIGESTS: "".join(sums).encode()}


def _title(texts: Texts, period: Period) -> str:
    return tell(texts, "title", period=period_words(texts, period))


def period_words(texts: Texts, period: Period) -> str:
    """Word a period: the year 2026, quarter 3 of 2026, 09/2026."""
    year, _, part = period.name.partition("-")
    if not part:
        return tell(texts, "year", year=year)
    if part.startswith("Q"):
        return tell(texts, "quarter", quarter=part[1:], year=year)
    return tell(texts, "month", month=part, year=year)


def _page(made: Mapping[str, Plain], texts: Texts, period: Period, files: Sequence[str]) -> bytes:
    other = "en" if texts.lang == "vi" else "vi"
    page = (
        environment()
        .get_template("public.html.j2")
        .render(
            made=made,
            view=PageWords(texts, made),
            lang=texts.lang,
            title=_title(texts, period),
            other=other,
            other_page=PAGES[other],
            other_name={"vi": "Tiếng Việt", "en": "English"}[other],
            files=files,
            digests=DIGESTS,
        )
    )
    return page.encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class _Bar:
    """Describes a share as a bar: the certain part and the possible addition, in percent."""

    text: str
    certain: int
    possible: int


class PageWords:
    """Words the data of an edition for one page."""

    def __init__(self, texts: Texts, made: Mapping[str, Plain]) -> None:
        self._texts, self._made = texts, made

    def t(self, key: str, **args: object) -> str:
        return tell(self._texts, key, **args)

    def day(self, written: object) -> str:
        day = day_of(written)
        return "–" if day is None else self._texts.day(day)

    def issued(self) -> str:
        day, issuer = day_of(self._made["issued"]), self._made["issuer"]
        return self.t("issued", day=day, issuer=issuer) if issuer else self.t("issued_alone", day=day)

    def counted(self) -> str:
        counted = self._made["counted"]
        assert isinstance(counted, Mapping)
        first, last = day_of(counted["first"]), day_of(counted["last"])
        said = [self.t("measured_once", last=last)]
        if first is not None:
            said = [self.t("measured", n=counted["times"], last=last, first=first)]
            said += [self.t("slight_start")] if counted["slight_start"] else []
            said += [] if counted["same_rules"] else [self.t("other_rules")]
        said += [self.t("doubtful")] if counted["doubtful"] else []
        said += [self.t("fuller", day=day_of(counted["fuller"]))] if counted["fuller"] else []
        return " ".join(said)

    def result(self) -> str:
        """Say how many of the targets of which it is published are met, and how many others there are."""
        ends = [row["end"] for row in self.rows("targets")]
        known = [end for end in ends if end in ("met", "not_met", "undecided", "declared_met", "declared_not_met")]
        return " ".join((*self._met(known), *self._not_counted())) or self.t("no_targets")

    def _met(self, known: Sequence[Plain]) -> Iterator[str]:
        if known:
            met = sum(end in ("met", "declared_met") for end in known)
            yield self.t("met_targets", n=met, m=len(known), unknown=known.count("undecided"))

    def _not_counted(self) -> Iterator[str]:
        """Say how many targets are not among those, and why, so that the sum is that of the report of the period."""
        counts = self._made["target_counts"]
        assert isinstance(counts, Mapping)
        if counts["too_few"]:
            yield self.t("targets_few", few=counts["too_few"], n=self._made["smallest"])
        if counts["missing"]:
            yield self.t("targets_missing", n=counts["missing"])
        if counts["of"] != counts["published"]:
            yield self.t("targets_all", of=counts["of"])

    def rows(self, name: str) -> Sequence[Mapping[str, Plain]]:
        rows = self._made[name]
        return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, Sequence) else []

    def word(self, both: Mapping[str, str]) -> str:
        return both[self._texts.lang]

    def kpi(self, name: str) -> str:
        return self._texts.kpi(name)

    def compliance(self, value: str | None) -> str:
        return self.t("too_few", n=self._made["smallest"]) if value is None else self._texts.compliance(value)

    def reason(self, reason: str) -> str:
        return self._texts.word("reason", reason)

    def counts(self, counts: Mapping[str, int] | None) -> str:
        if counts is None:
            return self.t("nothing")
        if "too_few" in counts:
            return self.t("too_few", n=self._made["smallest"])
        key = "of_unknown" if counts["unknown"] else "of"
        return self.t(key, met=counts["met"], of=counts["of"], unknown=counts["unknown"])

    def bar(self, counts: Mapping[str, int] | None) -> _Bar | None:
        """Return the share of a count, None where nothing is published or nothing was decided.

        Where more than a tenth is undecided the share is an interval, as it is in every report.
        """
        if counts is None or "too_few" in counts or counts["unknown"] == counts["of"]:
            return None
        of, met, unknown = (counts[name] for name in ("of", "met", "unknown"))
        shares = (met, met + unknown) if is_interval(unknown, of) else (met,)
        text = "–".join(self._texts.percent(share * 1_000 // of / 1_000) for share in shares)
        return _Bar(text=text, certain=100 * met // of, possible=100 * unknown // of)

    def agency(self, row: Mapping[str, Plain]) -> str:
        if row["agency"]:
            return str(row["agency"])
        if row["level"]:
            level = self._texts.word("unit_level", str(row["level"]))
            return self.t("others_of_level", level=level, n=row["units"])
        return self.t("others")

    def by_figure(self) -> Iterator[tuple[str, list[Mapping[str, Plain]]]]:
        """Yield the rows of each figure."""
        rows = self.rows("agencies")
        for name in dict.fromkeys(str(row["figure"]) for row in rows):
            yield name, [row for row in rows if row["figure"] == name]

    def changes(self, correction: Mapping[str, Plain]) -> Iterator[str]:
        """Word each number that a correction changed."""
        rows = correction["changes"]
        for row in rows if isinstance(rows, Sequence) else ():
            if isinstance(row, Mapping) and isinstance(row.get("what"), Sequence):
                yield self.t(
                    "changed", what=self._what(row), before=self._value(row["before"]), after=self._value(row["after"])
                )

    def _what(self, row: Mapping[str, Plain]) -> str:
        what = row["what"]
        parts = [clean(str(part), 200) for part in what if part] if isinstance(what, Sequence) else []
        kind, *names = parts or [""]
        if kind in ("figure", "agency"):
            names = [self.kpi(names[0]), *(self._texts.word("unit_level", name) for name in names[1:])] if names else []
        return " · ".join(names)

    def _value(self, value: Plain) -> str:
        if isinstance(value, Mapping):
            numbers = {name: number for name, number in value.items() if isinstance(number, int)}
            return self.counts(numbers) if {"of", "met", "unknown"} <= set(numbers) or "too_few" in numbers else "–"
        return "–" if value is None else self._texts.compliance(clean(str(value), 40))
