"""Renders the ways between vantages, and paths that changed, as lines of text and as plain data."""

from collections.abc import Iterator, Sequence

from auditor.figures.mesh import Grid
from auditor.figures.mesh_ways import WayDetail
from auditor.figures.path_changes import Hop, PathChange, TracedPath
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import written
from reports.json_data import Plain, iso
from reports.report_texts import say


def ways(details: Sequence[WayDetail], texts: Texts) -> Iterator[str]:
    """Yield a heading and a line for each way that was measured; nothing where none was."""
    if details:
        yield ""
        yield say(texts, "mesh_ways")
    for detail in details:
        told = [f"{clean(detail.source)} → {clean(detail.target)}", f"IPv{detail.family}", written(detail.address)]
        told += [f"MTU {detail.mtu}"] if detail.mtu is not None else []
        told += [f"{port.name} {texts.word('mesh_port', port.state.value)}" for port in detail.ports]
        told += [hops(detail.path, texts)] if detail.path is not None else []
        yield f"  {'  '.join(told)}"


def hops(path: TracedPath, texts: Texts) -> str:
    """Return the number of hops, and that the trace did not arrive where it did not."""
    answered = [hop.number for hop in path.hops if hop.sources]
    return say(texts, "mesh_hops" if path.reached else "mesh_not_arrived", n=max(answered, default=0))


def changes(path_changes: Sequence[PathChange], texts: Texts) -> Iterator[str]:
    """Yield each change with both traces side by side; nothing without changes."""
    if not path_changes:
        return
    yield ""
    yield say(texts, "path_changes")
    yield f"  {say(texts, 'path_changes_note')}"
    for path_change in path_changes:
        yield ""
        yield f"  {title(path_change, texts)}"
        before, after = texts.moment(path_change.before.measured), texts.moment(path_change.after.measured)
        heads = [say(texts, "path_before", when=before), say(texts, "path_after", when=after)]
        rows = [(str(n), *(sources(hop, texts) for hop in pair)) for n, *pair in path_change.hops]
        width = max(len(cell) for cell in (heads[0], *(row[1] for row in rows)))
        yield f"    {say(texts, 'path_hop'):>6}  {heads[0]:{width}}  {heads[1]}"
        for number, old, new in rows:
            yield f"    {number:>6}  {old:{width}}  {new}"


def title(path_change: PathChange, texts: Texts) -> str:
    """Return a title with the two ends of a changed path and the first hop that differs."""
    return say(
        texts,
        "path_change",
        source=clean(path_change.source),
        target=clean(path_change.target),
        address=written(path_change.address),
        protocol=path_change.protocol,
        hop=path_change.hop,
    )


def sources(hop: Hop, texts: Texts) -> str:
    return ", ".join(map(written, hop.sources)) or say(texts, "path_silent")


def plain_changes(path_changes: Sequence[PathChange]) -> Plain:
    """Return both traces of each change as data, independent of language."""
    return [
        {
            "source": path_change.source,
            "target": path_change.target,
            "mesh": path_change.mesh,
            "address": written(path_change.address),
            "protocol": path_change.protocol,
            "hop": path_change.hop,
            "before": _plain_path(path_change.before),
            "after": _plain_path(path_change.after),
            "evidence": path_change.evidence,
        }
        for path_change in path_changes
    ]


def plain_mesh(grid: Grid) -> Plain:
    """Return the state of every path between vantages by family, with the loss and delay of measured ones."""
    return {
        "names": list(grid.names),
        "ways": [
            {
                "source": cell.source,
                "target": cell.target,
                "family": family.family,
                "state": cell.state.value,
                "answered": cell.answered,
                "loss": cell.loss,
                "rtt": cell.rtt,
                "round": cell.round,
            }
            for family in grid.families
            for row in family.rows
            for cell in row.cells
            if cell.source != cell.target
        ],
        "measured": [
            {
                "source": way.source,
                "target": way.target,
                "family": way.family,
                "address": written(way.address),
                "mtu": way.mtu,
                "ports": {port.name: port.state.value for port in way.ports},
                "path": None if way.path is None else _plain_path(way.path),
                "evidence": way.evidence,
            }
            for way in grid.ways
        ],
    }


def _plain_path(path: TracedPath) -> Plain:
    return {
        "measured": iso(path.measured),
        "reached": path.reached,
        "hops": [{"hop": hop.number, "sources": [written(source) for source in hop.sources]} for hop in path.hops],
    }
