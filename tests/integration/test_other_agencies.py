"""Tests that an agency's viewer cannot fetch an id, a name or an address of another agency.

Over the whole table of routes with every value that a part of a path can have, every download, and everything that is
sent to an agency; of provinces that are generated.
"""

import io
import re
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import BinaryIO
from urllib.parse import quote

import pypdf
import pytest
from yarl import URL

from auditor.framework import catalogue
from auditor.framework.findings import UNSEEN, Finding
from auditor.service.accounts.model import Role, TokenScope
from auditor.service.notify.composing import compose
from auditor.service.notify.model import JobEnd, JobEvent, MailRecipient, NotifySettings, NotifyWhen
from auditor.service.notify.wording import paragraphs, subject
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.app import routes
from auditor.service.web.downloads.downloads import DOWNLOADS, LETTER, LETTERS
from auditor.service.web.routes import Route
from auditor.texts.translate import Texts
from inventory.model import SubjectId
from probes.observations import series as names
from reports.document import Options
from reports.registry import FORMATS, renderer
from tests.support import copies
from tests.support.provinces import INVENTORY, MARK, MOVED, NOW, OURS, OUTSIDE, RUNS, UNDER, Province
from tests.support.serving import Browser, Program, Served, serving

pytest_plugins = ("tests.support.pages",)

SEEDS = (1, 2)
OF_THE_WHOLE = {
    "/changes",  # redirects
    "/runs/{run}/mesh",
    "/periods/{period}",
    "/periods/{period}/reports/{format}",
    "/api/v1/periods/{period}/reports/{format}",
}
_PART = re.compile(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}")


@pytest.fixture(params=SEEDS)
def province(request: pytest.FixtureRequest, store: SqlStore) -> Province:
    made = Province(request.param)
    copies.fill(store, (Province, request.param), made.fill)
    return made


@pytest.fixture
async def served(province: Province, store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    async with serving(store) as made:
        yield made


async def test_every_route_and_download_holds_nothing_of_other_agencies(
    province: Province, store: SqlStore, served: Served
) -> None:
    browser = await served.as_("ban", Role.VIEWER, OURS)
    program = served.program(served.account("ban"), TokenScope.READ)
    found: list[str] = []
    answered: set[str] = set()
    for route in routes():
        if route.method == "GET" and "oidc" not in route.path:
            for path in _paths(route, province, store):
                client = browser if route.operation is None else program
                status, body = await _fetched(client, path)
                if status == 200:
                    answered.add(route.path)
                found += [f"{path} ({status}): …{each}…" for each in _leaks(body)]
    assert found == []
    missing = {route.path for route in routes() if route.method == "GET" and route.role is Role.VIEWER} - answered
    elsewhere = {text for text in missing if "oidc" in text or "latest" in text}  # redirects to them
    assert missing - elsewhere <= OF_THE_WHOLE


async def test_paths_of_other_agencies_are_as_if_they_were_not_there(province: Province, served: Served) -> None:
    browser = await served.as_("ban", Role.VIEWER, OURS)
    program = served.program(served.account("ban"), TokenScope.READ)
    for one in province.foreign:
        name = quote(one, safe="")
        for path in (f"/runs/{RUNS[1]}/subjects/{name}", f"/subjects/{name}", f"/tslcd/points/{name}"):
            assert (await _fetched(browser, path))[0] == 404
        for path in (f"runs/{RUNS[1]}/subjects/{name}", f"subjects/{name}/series?vantage=local"):
            assert (await _fetched(program, f"/api/v1/{path}"))[0] == 404


async def test_samples_of_the_time_when_a_subject_was_another_s_are_not_told(
    province: Province, served: Served
) -> None:
    served.add("ban", Role.VIEWER, OURS)
    programs = [served.program(account, TokenScope.READ) for account in (served.account("ban"), served.admin())]
    asked = (
        f"metric={names.REACH}&vantage=local&family=0&limit=500&since={quote((NOW - timedelta(days=2)).isoformat())}"
    )
    for one in province.moved:
        base = f"/api/v1/subjects/{quote(one, safe='')}"
        values = [
            {row["value"] for row in (await each.get(f"{base}/samples?{asked}&step=raw"))[1]["items"]}
            for each in programs
        ]
        assert values == [{1.0}, {MOVED, 1.0}]
        series = [len((await each.get(f"{base}/series?vantage=local"))[1]["items"]) for each in programs]
        assert series == [1, 2]


async def test_another_agency_s_name_is_told_as_such_and_operators_see_it(province: Province, served: Served) -> None:
    served.add("ban", Role.VIEWER, OURS)
    operator = served.program(served.admin(), TokenScope.READ)
    path = f"/api/v1/runs/{RUNS[1]}/findings?check=tslcd.ip.plan&subject={quote(province.own[0], safe='')}"
    mine = (await served.program(served.account("ban"), TokenScope.READ).get(path))[1]["items"]
    theirs = (await operator.get(path))[1]["items"]
    duplicate = next(one for one in mine if one["code"] == "DUPLICATE")
    assert UNSEEN in duplicate["args"]["others"]
    assert "another agency's connection point or device" in duplicate["message"]["en"]
    assert "điểm kết nối hoặc thiết bị của cơ quan, đơn vị khác" in duplicate["message"]["vi"]
    assert any(MARK in str(their["args"]) for their in theirs)


def test_what_is_sent_to_an_agency_holds_nothing_of_others(province: Province, store: SqlStore) -> None:
    texts = Texts("vi")
    channel = MailRecipient(key="mail:a", lang="vi", agency=OURS, when=NotifyWhen.ALWAYS, address="a@example.vn")
    event = JobEvent(job=1, ending=JobEnd.FINISHED, inventory=INVENTORY, ended=NOW, run=RUNS[1])
    told = compose(event, channel, NotifySettings(), store)
    assert told is not None
    text = "\n".join([subject(told, texts), *paragraphs(told, texts), *told.lines])
    assert list(_leaks(text.encode())) == []
    judgement = store.latest_judgement(RUNS[1])
    assert judgement is not None
    known = catalogue.load()
    report, sink = StoredReport(stored_judgement(judgement, store, known), store, known), _Sink()
    renderer("docx", Options(lang="vi"))(report, sink)
    letters = {name: data.getvalue() for name, data in sink.files.items() if UNDER in name}
    assert letters
    above = {f"{MARK} Đơn vị {MARK}-tỉnh".upper()}  # the form of a letter names the authority above its sender
    assert [leak for data in letters.values() for leak in _leaks(data) if not any(each in leak for each in above)] == []


# --- requests and leaks ----------------------------------------------------------------------------------------------


def _paths(route: Route, province: Province, store: SqlStore) -> Iterator[str]:
    """Yield the paths of the route with every value that its parts can have within the view of the agency."""
    subjects = [*province.own, SubjectId("zone:0")]
    values = {
        "framework": ("plan-daklak-2023-2025",),
        "period": ("2026", "2026-Q1"),
        "requirement": ("II.1.a", "III.1.a-portals", "III.1.a-devices"),
        "run": _runs(route),
        "lease": ("1.1.w1",),
        "digest": ("0" * 64,),
        "agency": (OURS, UNDER, "-"),
        "subject": subjects,
        "format": (*DOWNLOADS, *FORMATS, LETTERS, LETTER),
        "file": (*DOWNLOADS, LETTER),
        "token": ("no-token",),
        "check": ("tslcd.ip.plan",),
        "name": (INVENTORY,),
        "number": (1, 2),
        "key": ("x",),
        "lang": (),
        "job": (1,),
        "inventory": (INVENTORY,),
        "schedule": ("x",),
        "picture": ("dang-nhap.webp",),
        "figure": ("K01", "K08"),
        "finding": (),
    }
    paths = [route.path]
    for match in _PART.finditer(route.path):
        if match[1] == "finding":
            break
        paths = [path.replace(match[0], quote(str(each), safe="")) for path in paths for each in values[match[1]]]
    if "{finding" in route.path:
        paths = [
            f"/runs/{run}/findings/{finding.id}/{quote(name, safe='')}"
            for run in RUNS
            for name in subjects
            for finding in _findings(store, run, name)
        ]
    for path in paths:
        yield path
        if route.path == "/tslcd/points/{subject:.+}":
            yield f"{path}?span=week"
        if route.path.endswith(("/changes", "/diff")):
            yield f"{path}?against={RUNS[0]}&kind=new"
        if route.path == "/search":
            yield from (f"{path}?q={text}" for text in ("vn", "s1", "2001", "198.51"))
        if route.path.endswith("/series"):
            yield f"{path}?vantage=local"
        if route.path.endswith("/samples"):
            yield f"{path}?vantage=local&metric={names.REACH}&family=0&step=raw"


def _runs(route: Route) -> tuple[str, ...]:
    """Return the runs to fetch: all, or the last for API downloads that are written like the page's."""
    return RUNS[-1:] if route.path.startswith("/api/") and "/reports/{" in route.path else RUNS


def _findings(store: SqlStore, run: str, name: SubjectId) -> Iterator[Finding]:
    judgement = next(store.latest_judgement(other_run.id) for other_run in store.runs() if other_run.id == run)
    assert judgement is not None
    yield from store.findings(judgement.id, name)[:6]


async def _fetched(client: Browser | Program, path: str) -> tuple[int, bytes]:
    """Return the status, and the headers and body as received."""
    async with client.session.get(URL(client.base + path, encoded=True), allow_redirects=False) as answer:
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode()
        return answer.status, head + b"\n\n" + await answer.read()


def _leaks(data: bytes) -> Iterator[str]:
    """Yield the places with text of other agencies, also in packed content."""
    for part in _unpacked(data):
        text = part.decode("utf-8", "replace")
        for match in re.finditer("|".join(map(re.escape, (MARK, *OUTSIDE))), text, re.IGNORECASE):
            yield text[max(0, match.start() - 60) : match.end() + 40]


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Yield the data and everything packed inside; an archive and a PDF may have a header before them."""
    yield data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from (name.encode(), archive.read(name))
    begin = data.find(b"%PDF")
    if begin in (0, data.find(b"\n\n") + 2):
        pages = pypdf.PdfReader(io.BytesIO(data[begin:])).pages
        yield "\n".join(page.extract_text() for page in pages).encode("utf-8", "replace")


class _Sink:
    many = True

    def __init__(self) -> None:
        self.files: dict[str, io.BytesIO] = {}

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        self.files[name] = io.BytesIO()
        yield self.files[name]
