"""Offers choices in forms, so that people need not type ids: agencies, subjects, checks in groups, and people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.framework.findings import CheckId
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.judgement_summary import JudgementSummary
from auditor.service.web.site import Site
from auditor.service.web.words.lookup import UI, say
from auditor.texts.translate import Texts
from inventory.model import AgencyId, SubjectId
from inventory.organisation import Organisation
from inventory.word_matching import unaccented

MOST_SUBJECTS = 2_000
"""The most subjects that a page offers; with more it offers none, and matches typed names, domains or addresses."""
_MOST_PEOPLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyChoice:
    """Holds an agency to choose; ``depth`` is the number of units above it."""

    code: AgencyId
    name: str
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckGroup:
    """Groups checks with ids that begin alike; ``name`` is their topic in the reader's language."""

    prefix: str
    name: str
    checks: Sequence[CheckId]


def agencies(site: Site, digest: JudgementSummary | None) -> Sequence[AgencyChoice]:
    """List the agencies of the latest run and of every inventory that is kept, each once, in the order of the tree."""
    return site.digests.remembered(("agencies to choose",), lambda: agencies_of(organisations(site, digest)))


def agencies_of(organisations: Iterable[Organisation]) -> Sequence[AgencyChoice]:
    """List the units of several trees, each once: as the first tree has it."""
    choices: dict[AgencyId, AgencyChoice] = {}
    for organisation in organisations:
        for unit in organisation.walk():
            depth = len(organisation.ancestors(unit.code))
            choices.setdefault(unit.code, AgencyChoice(code=unit.code, name=unit.name, depth=depth))
    return list(choices.values())


def check_groups(checks: Iterable[CheckId], texts: Texts) -> Sequence[CheckGroup]:
    """Group checks by the first two parts of their ids."""
    groups: dict[str, list[CheckId]] = {}
    for check in sorted(checks):
        groups.setdefault(".".join(check.split(".")[:2]), []).append(check)
    return [
        CheckGroup(prefix=prefix, name=_part_name(prefix, texts), checks=of_prefix)
        for prefix, of_prefix in groups.items()
    ]


def _part_name(prefix: str, texts: Texts) -> str:
    key = f"part_{prefix}"
    return say(texts, key) if key in UI else prefix


def subjects(view: AccountView | None) -> Sequence[SubjectLine]:
    """List the visible subjects of a run; none if they are too many for a page."""
    lines = () if view is None else view.subjects
    return lines if len(lines) <= MOST_SUBJECTS else ()


def subject_named(lines: Iterable[SubjectLine], typed: str) -> SubjectId | None:
    """Return the only subject with this id, else with this name, domain or address; None for none or several."""
    word = unaccented(typed.strip())
    by_id: set[SubjectId] = set()
    by_name: set[SubjectId] = set()
    for line in lines:
        if line.id == typed:
            by_id.add(line.id)
        if word and word in map(unaccented, (line.name, line.host, *line.addresses)):
            by_name.add(line.id)
    matches = by_id or by_name
    return matches.pop() if len(matches) == 1 else None


def people(site: Site) -> Sequence[str]:
    """List people to name as responsible: accounts that may log in, and people that were named before."""
    return site.digests.remembered(("people to choose",), lambda: tuple(dict.fromkeys(_people(site)))[:_MOST_PEOPLE])


def _people(site: Site) -> Iterator[str]:
    yield from (account.name for account in site.accounts.all() if not account.disabled)
    yield from (change.owner for change in site.problem_states.latest().values() if change.owner)
    yield from (kept.row.owner for kept in site.waivers.all())


def organisations(site: Site, digest: JudgementSummary | None) -> Iterator[Organisation]:
    """Iterate over the units of a run and of every inventory that is kept."""
    if digest is not None:
        yield digest.organisation
    for version in site.stock.latest():
        yield site.stock.read(version).organisation
