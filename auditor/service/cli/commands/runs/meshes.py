"""Runs ``auditor runs mesh``: prints a run's mesh of vantages and the paths that changed."""

from collections.abc import Iterator, Mapping

from auditor.figures.mesh import CellState, FamilyGrid, Grid, GridCell
from auditor.framework import catalogue
from auditor.framework.escaping import visible
from auditor.service.cli.failures import EXIT_OK
from auditor.service.cli.global_options import load_config
from auditor.service.cli.words import language, ui
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.mesh_grid import mesh_grid
from auditor.service.runs.path_events import path_changes_of
from auditor.service.store.url import open_store
from auditor.texts.messages_en import WORDS
from auditor.texts.translate import Texts
from probes.framework.evidence import RunId
from reports import path_lines

_MARKS: Mapping[CellState, str] = {
    CellState.DOWN: "✘",
    CellState.UNKNOWN: "?",
    CellState.NO_ADDRESS: "–",
    CellState.ITSELF: "·",
}
_WIDEST = 24


def mesh(run: str, options: Mapping[str, object]) -> int:
    """Print the grid, or that there is none."""
    with open_store(load_config(options).config.store, create=False) as store:
        judged = judged_run(RunId(run), store, catalogue.load())
        grid, changes = mesh_grid(judged, store), path_changes_of(judged.run, store)
    texts = Texts(language())
    for line in (*lines(grid, texts), *path_lines.changes(changes, texts)):
        print(visible(line))
    return EXIT_OK


def lines(grid: Grid, texts: Texts) -> Iterator[str]:
    """Yield the grid as text: delays in milliseconds, marks for everything else, and a legend."""
    if not grid.names:
        yield ui("No mesh was measured with this run: no other vantage stands under [mesh] in the configuration.")
        return
    for family in grid.families:
        yield from _table(family, grid.names, texts)
        yield ""
    yield ui(
        "Row = from, column = to. Figures: delay in ms; ◐ with loss; * one round; ✘ does not answer; ? not seen;"
        " – no address."
    )
    for hint in grid.hints:
        key = f"mesh_hint/{hint.code.value}"
        said = {"name": hint.name, "other": hint.other, "family": hint.family, "count": hint.count}
        yield f"→ {texts.say(key, WORDS[key], **said)}"
    yield from path_lines.ways(grid.ways, texts)


def _table(family_grid: FamilyGrid, names: tuple[str, ...], texts: Texts) -> Iterator[str]:
    head = f"IPv{family_grid.family}"
    shown = {name: name[:_WIDEST] for name in names}
    first = max(len(head), *(len(name) for name in shown.values()))
    columns = [max(6, len(shown[name])) for name in names]
    yield "  ".join(
        [f"{head:{first}}", *(f"{shown[name]:>{width}}" for name, width in zip(names, columns, strict=True))]
    )
    for row in family_grid.rows:
        cells = (f"{_cell(cell, texts):>{width}}" for cell, width in zip(row.cells, columns, strict=True))
        yield "  ".join([f"{shown[row.source]:{first}}", *cells])


def _cell(cell: GridCell, texts: Texts) -> str:
    mark = _MARKS.get(cell.state)
    if mark is None:
        delay = "✔" if cell.rtt is None else texts.number(round(1000 * cell.rtt, 1))
        mark = f"◐{delay}" if cell.state is CellState.LOSSY else delay
    return f"{mark}*" if cell.round else mark
