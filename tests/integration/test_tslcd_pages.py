"""Tests TSLCD in the service: points as sampled, a gap that is no outage, and no data of other communes."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from auditor.service.accounts.model import Role
from auditor.service.store.database.sqlite import open_sqlite
from tests.support import judged, points
from tests.support.serving import Served, cheap_passwords, serving


@pytest.fixture(autouse=True)
def _hour_begun() -> Iterator[None]:
    with points.hour_begun():
        yield


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_passwords(monkeypatch)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    with open_sqlite(tmp_path / "a.db") as store:
        points.fill(store)
        async with serving(store) as made:
            yield made


def rows(text: str) -> Iterator[tuple[str, str]]:
    for row in re.findall(r"<tr><th scope=\"row\"><a href=\"/tslcd/points/.*?</tr>", text, re.S):
        yield re.findall(r"/points/([^\"]+)", row)[0], " ".join(re.sub(r"<[^>]+>", " ", row).split())


async def test_every_point_with_what_was_sampled_of_it(served: Served) -> None:
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    status, text, _ = await viewer.get("/tslcd")
    found = dict(rows(text))
    assert status == 200
    assert "✔ có trả lời ở mọi mẫu đo trong 24 giờ qua 100%" in found[points.OURS]
    assert "✘ không trả lời từ " in found[points.THEIRS]
    addresses = ("10.0.0.1", "fd00::1")
    assert all(address in found[points.OURS] for address in addresses)
    point = (await viewer.get(f"/tslcd/points/{points.OURS}"))[1]
    assert all(address in point for address in addresses)
    assert {"K01", "K02"} <= set(re.findall(r"<code>(K\d\d)</code>", text))


@pytest.mark.parametrize(
    ("column", "first"),
    [("point", points.THEIRS), ("answered", points.THEIRS), ("delay", points.OURS), ("tslcd.site.reach", None)],
)
async def test_points_are_sorted_by_a_column(served: Served, column: str, first: str | None) -> None:
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    text = (await viewer.get(f"/tslcd?sort={column}"))[1]
    found = list(dict(rows(text)))
    assert len(found) == 2
    assert first in (None, found[0])
    (sorted_by,) = re.findall(r'<th scope="col"[^>]* aria-sort="[a-z]+"><a href="/tslcd\?sort=([^"#]+)#points">', text)
    assert sorted_by == column


async def test_points_are_not_sorted_by_what_is_no_column(served: Served) -> None:
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    status, text, _ = await viewer.get("/tslcd?sort=%3Cscript%3E")
    assert (status, "script>" in text.partition("<main")[2].partition("</main>")[0]) == (200, False)


async def test_a_gap_is_a_gap(served: Served) -> None:
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    text = (await viewer.get(f"/tslcd/points/{points.OURS}"))[1]
    assert "100% trong 270 mẫu có trả lời; 12 khoảng trống, 6 mẫu không tính." in text
    reach = re.findall(r"<svg.*?</svg>", text, re.S)[0]
    assert (reach.count('class="missing"'), 'class="down"' in reach) == (2, False)
    line = re.findall(r'<path d="([^"]+)" class="line"', text)[0]
    assert line.count("M") == 3
    assert "ge0&lt;1&gt;" in text
    for legend in ("Trên: có trả lời. Dưới: không trả lời. Gạch chéo", "Gạch chéo"):
        assert text.count(f'<p class="note">{legend}: không có số liệu.</p>') == 1, "each legend stands once"
    week = (await viewer.get(f"/tslcd/points/{points.OURS}?span=week"))[1]
    assert "270 mẫu có trả lời; 1.740 khoảng trống" in week


async def test_a_commune_s_viewer_sees_its_own_point(served: Served) -> None:
    viewer = await served.as_("xã một", Role.VIEWER, points.AGENCY)
    for path in ("/tslcd", f"/tslcd/points/{points.OURS}"):
        status, text, _ = await viewer.get(path)
        assert (status, points.OURS in text) == (200, True)
        assert points.THEIRS not in text
        assert points.OTHER_NAME not in text
    assert (await viewer.get(f"/tslcd/points/{points.THEIRS}"))[0] == 404
    assert (await viewer.get(f"/runs/{points.RUN}/mesh"))[0] == 404


async def test_mesh_of_a_run_is_read_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = await served.as_("mọi nơi", Role.VIEWER)
    first = await viewer.get(f"/runs/{points.RUN}/mesh")
    monkeypatch.setattr("auditor.service.web.pages.results.tslcd.path_changes_of", None)
    assert (await viewer.get(f"/runs/{points.RUN}/mesh"))[:2] == first[:2] == (200, first[1])
    bound = await served.as_("một nơi", Role.VIEWER, points.AGENCY)
    assert (await bound.get(f"/runs/{points.RUN}/mesh"))[0] == 404


async def test_where_no_mesh_was_measured_that_is_said(served: Served) -> None:
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    status, text, _ = await viewer.get(f"/runs/{points.RUN}/mesh")
    assert (status, "không đo lưới" in text) == (200, True)


async def test_without_points_the_page_says_how_to_have_some(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "b.db") as store:
        judged.fill(store)
        async with serving(store) as served:
            viewer = await served.as_("cả tỉnh", Role.VIEWER)
            text = (await viewer.get("/tslcd"))[1]
    content = text[text.index("<main") :]
    assert "một dòng loại “điểm kết nối TSLCD”" in content
    assert '<a href="/inventories">' in content
    assert "<table" not in content, "no table of figures of which each is none of none"
