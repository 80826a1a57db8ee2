"""Tests the pages as browsers get them: permissions, forms, and no data of another agency anywhere."""

import io
import json
import re
import zipfile
from collections.abc import AsyncIterator, Iterator

import pypdf
import pytest

from auditor.service.accounts.login_backoff import RULES
from auditor.service.accounts.model import Role
from auditor.service.config.model import Config, ServeSection
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.app import routes
from auditor.service.web.downloads.downloads import DOWNLOADS
from auditor.service.web.security.guard import HEADERS
from auditor.service.web.site import SITE
from tests.support import judged, kept, past
from tests.support.serving import GOOD, OTHER, Browser, Served, serving

pytest_plugins = ("tests.support.pages",)


@pytest.fixture
async def served(store: SqlStore, cheap: None) -> AsyncIterator[Served]:
    judged.fill(store)
    past.fill(store)
    kept.keep(store)
    async with serving(store) as made:
        yield made


def paths(run: str, subject: str, agency: str) -> Iterator[str]:
    """Yield every page for reading, with its parts filled in; pages for programs are in ``test_api``."""
    parts = {
        "run": run,
        "subject": subject,
        "agency": agency,
        "format": "csv",
        "check": "ipv6.web.aaaa",
        "lang": "vi",
        "name": kept.INVENTORY,
        "number": "2",
        "finding": judged.finding_of(subject),
        "job": "1",
        "token": "no-token",
        "key": "x",
        "framework": "plan-daklak-2023-2025",
        "requirement": "III.1.a-portals",
        "period": "2026",
        "picture": "dang-nhap.webp",
        "figure": "K08",
    }
    for route in routes():
        if route.method == "GET" and not route.path.startswith("/api/"):
            filled = re.sub(r"{(\w+)(?::[^{}]*(?:{[^{}]*})?[^{}]*)?}", lambda match: parts[match[1]], route.path)
            assert "{" not in filled
            yield filled


async def test_the_first_account_is_made_with_the_code_and_none_after(served: Served) -> None:
    browser = served.browser()
    assert (await browser.get("/"))[2]["Location"] == "/setup"
    told = {"code": served.app[SITE].first.code, "name": "quản trị"}
    status, text, _ = await browser.post("/setup", {**told, "password": "ngắn", "again": "ngắn"})
    assert (status, "12 ký tự" in text) == (422, True)
    for code in ("", "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa", told["code"][:-1]):
        status, text, _ = await browser.post("/setup", {**told, "code": code, "password": GOOD, "again": GOOD})
        assert (status, "Mã thiết lập không đúng" in text) == (422, True)
    typed = {**told, "code": told["code"].upper().replace("-", " ")}
    status, _, headers = await browser.post("/setup", {**typed, "password": GOOD, "again": GOOD})
    assert (status, headers["Location"]) == (303, "/")
    assert "<h1>" in (await browser.get("/"))[1], "logged in"
    assert (await browser.get("/setup"))[2]["Location"] == "/login"
    other = served.browser()  # a logged-in browser would need the CSRF token
    status, _, _ = await other.post("/setup", {**told, "name": "khác", "password": GOOD, "again": GOOD})
    assert status == 422
    assert await other.log_in("quản trị", GOOD) == 303
    assert "<h1>" in (await other.get("/"))[1]


@pytest.mark.parametrize("named", [True, False])
async def test_behind_a_proxy_who_guesses_makes_nobody_else_wait(store: SqlStore, cheap: None, named: bool) -> None:
    """The audit log has the client's address; behind an unnamed proxy all clients share the proxy's address."""
    proxies = ("::1",) if named else ()
    async with serving(store, Config(serve=ServeSection(proxies=proxies))) as made:
        right, browser = {"name": made.admin().name, "password": GOOD}, made.browser()
        for number in range(RULES["from"].free):
            guess = {"name": f"ai đó {number}", "password": OTHER}
            await browser.post("/login", guess, X_Forwarded_For="2001:db8:bad::1")
        status, _, _ = await browser.post("/login", right, X_Forwarded_For="2001:db8:a::1")
        assert (status == 303) is named
        came = {deed.address for deed in made.app[SITE].accounts.deeds() if deed.what == "login_refused"}
        assert came == {"2001:db8:bad::1" if named else "::1"}


async def test_without_logging_in_nothing_is_shown(served: Served) -> None:
    served.app[SITE].accounts.set_up("quản trị", GOOD, "vi", "::1")
    browser = served.browser()
    public = {"/setup", "/login", "/healthz", "/readyz", "/metrics", "/language/vi", "/login/oidc", "/login/oidc/back"}
    public |= {
        "/about",
        "/guide",
        "/guide/images/dang-nhap.webp",
        "/schemas/result-1.json",
        "/calendar/no-token.ics",
        "/shared/no-token",
    }
    for path in paths(judged.RUN, judged.OURS, judged.AGENCY):
        status, text, headers = await browser.get(path)
        if path not in public:
            assert (status, headers.get("Location")) == (303, "/login"), path
        assert judged.OURS not in text


async def test_an_agency_s_viewer_sees_nothing_of_another(served: Served) -> None:
    """No route shows the data of another agency, with the other agency's names in the path or with the own ones.

    This includes pages that were rendered before for an account that sees everything.
    """
    everyone = await served.as_("cả tỉnh", Role.VIEWER)
    for path in (*paths(judged.RUN, judged.THEIRS, judged.OTHER), *paths(judged.RUN, judged.OURS, judged.AGENCY)):
        await everyone.get(path)
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    seen = ""
    for path in (*paths(judged.RUN, judged.THEIRS, judged.OTHER), *paths(judged.RUN, judged.OURS, judged.AGENCY)):
        status, text, _ = await viewer.get(path)
        assert judged.THEIRS not in text.replace(path, ""), path
        assert judged.OTHER_NAME not in text, path
        seen += text if status == 200 else ""
    assert judged.OURS in seen
    assert (await viewer.get(f"/runs/{judged.RUN}/subjects/{judged.THEIRS}"))[0] == 404
    assert (await viewer.get(f"/runs/{judged.RUN}/agencies/{judged.OTHER}"))[0] == 404


@pytest.mark.parametrize("kind", DOWNLOADS)
async def test_an_agency_s_report_is_of_its_own_subjects_alone(served: Served, kind: str) -> None:
    viewer = await served.as_("y tế", Role.VIEWER, judged.AGENCY)
    everyone = await served.as_("cả tỉnh", Role.VIEWER)
    (own, _), (whole, bare) = await _downloaded(viewer, kind), await _downloaded(everyone, kind)
    assert judged.OURS in own
    assert judged.THEIRS in whole
    for other in (judged.THEIRS, judged.OTHER, judged.OTHER_NAME):
        assert other not in own, other
    if kind == "json":
        said, of_all = json.loads(own), json.loads(bare)
        assert sum(said["summary"].values()) == len(said["findings"]) < sum(of_all["summary"].values())
        assert {"rollup", "frameworks"} <= of_all.keys()
        assert not {"rollup", "frameworks", "history", "mesh"} & said.keys()
        assert said["run"]["inventory"]["subjects"] == 1


async def _downloaded(browser: Browser, kind: str) -> tuple[str, str]:
    """Return the readable text of a report, and its source if it is text, else an empty string."""
    path = f"{browser.base}/runs/{judged.RUN}/reports/{kind}"
    async with browser.session.get(path, allow_redirects=False) as answer:
        assert answer.status == 200
        body = await answer.read()
    if kind == "xlsx":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist()), ""
    if kind == "pdf":
        return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages), ""
    return body.decode("utf-8"), body.decode("utf-8")


async def test_who_is_bound_to_none_sees_both(served: Served) -> None:
    viewer = await served.as_("cả tỉnh", Role.VIEWER)
    for subject in (judged.OURS, judged.THEIRS):
        status, text, _ = await viewer.get(f"/runs/{judged.RUN}/subjects/{subject}")
        assert (status, subject in text) == (200, True)
    status, text, headers = await viewer.get(f"/runs/{judged.RUN}/reports/csv")
    assert status == 200
    assert {judged.OURS, judged.THEIRS} <= set(re.split(r"[,\s]", text))
    assert "attachment" in headers["Content-Disposition"]


@pytest.mark.parametrize("path", ["/accounts", "/audit-log"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_what_is_the_administrator_s_is_refused_to_others(served: Served, path: str, role: Role) -> None:
    browser = await served.as_("ai đó", role)
    assert (await browser.get(path))[0] == 403
    csrf = await browser.csrf()
    fields = {"csrf": csrf, "name": "x", "password": OTHER, "role": "admin", "agency": ""}
    assert (await browser.post("/accounts", fields))[0] == 403
    assert [account.name for account in served.app[SITE].accounts.all()] == ["ai đó", "quản trị"]


async def test_refused_access_is_a_line_of_the_audit_log(served: Served) -> None:
    bound, free = await served.as_("y tế", Role.VIEWER, judged.AGENCY), await served.as_("cả tỉnh", Role.VIEWER)
    for browser in (bound, free):
        await browser.get("/accounts")
        await browser.get("/nowhere")
    await bound.get(f"/runs/{judged.RUN}/subjects/{judged.THEIRS}")
    access = served.app[SITE].accounts
    access.refusals.settle(ends=True)
    pairs = [(deed.who, deed.about) for deed in reversed(access.deeds()) if deed.what == "access_refused"]
    assert pairs == [
        ("y tế", "403 GET /accounts"),
        ("cả tỉnh", "403 GET /accounts"),
        ("y tế", f"+2 404 GET /runs/{judged.RUN}/subjects/{judged.THEIRS}"),
    ]


async def test_the_audit_log_says_whether_it_holds(served: Served) -> None:
    admin = await served.as_("quản lý", Role.ADMIN)
    status, text, _ = await admin.get("/audit-log?check")
    head = served.app[SITE].accounts.deeds(1)[0]
    assert status == 200
    assert f"{head.number}:{head.hash}" in text


async def test_a_form_without_its_secret_is_not_taken(served: Served) -> None:
    admin = await served.as_("quản lý", Role.ADMIN)
    fields = {"name": "x", "password": OTHER, "role": "viewer", "agency": ""}
    for csrf in ({}, {"csrf": ""}, {"csrf": "x" * 32}):
        assert (await admin.post("/accounts", {**fields, **csrf}))[0] == 400
    good = {**fields, "csrf": await admin.csrf(), "own_password": OTHER}
    assert (await admin.post("/accounts", good))[0] == 303
    assert (await admin.post("/logout", {}))[0] == 400


async def test_nobody_is_logged_in_from_another_site(served: Served) -> None:
    served.app[SITE].accounts.set_up("quản trị", GOOD, "vi", "::1")
    fields = {"name": "quản trị", "password": GOOD, "code": ""}
    for headers in ({"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://evil.example"}):
        status, _, got = await served.browser().post("/login", fields, **headers)
        assert (status, "Set-Cookie" in got) == (400, False)


async def test_logging_out_ends_the_session(served: Served) -> None:
    browser = await served.as_("y tế", Role.VIEWER)
    held = {cookie.key: cookie.value for cookie in browser.session.cookie_jar}["session"]
    assert (await browser.post("/logout", {"csrf": await browser.csrf()}))[0] == 303
    assert served.app[SITE].accounts.session(held) is None
    assert (await browser.get("/"))[2]["Location"] == "/login"


async def test_cookies_are_kept_from_scripts_and_other_sites(served: Served) -> None:
    served.app[SITE].accounts.set_up("quản trị", GOOD, "vi", "::1")
    _, _, headers = await served.browser().post("/login", {"name": "quản trị", "password": GOOD, "code": ""})
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in headers["Set-Cookie"].split(";")}


async def test_every_answer_has_the_headers(served: Served) -> None:
    browser = await served.as_("quản lý", Role.ADMIN)
    for path in ("/", "/none", "/static/site.css", f"/runs/{judged.RUN}/reports/csv", "/healthz"):
        _, _, headers = await browser.get(path)
        assert {name: headers.get(name) for name in HEADERS} == dict(HEADERS), path


async def test_nothing_a_target_said_is_markup(served: Served) -> None:
    browser = await served.as_("quản lý", Role.ADMIN)
    _, text, _ = await browser.get(f"/runs/{judged.RUN}/subjects/{judged.OURS}")
    assert judged.HOSTILE not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
async def test_the_choice_of_language_leads_nowhere_else(served: Served, back: str) -> None:
    _, _, headers = await served.browser().get(f"/language/en?to={back}")
    assert headers["Location"] == "/"


async def test_the_languages_differ(served: Served) -> None:
    browser = await served.as_("quản lý", Role.ADMIN)
    vietnamese = (await browser.get("/"))[1]
    assert (await browser.get("/language/en?to=/runs"))[2]["Location"] == "/runs"
    assert 'lang="vi"' in vietnamese
    assert "Các chỉ số" in vietnamese
    assert "Figures" in (await browser.get("/"))[1]


@pytest.mark.parametrize(
    "path",
    [
        "/runs/none",
        "/runs/../../etc",
        f"/runs/{judged.RUN}/subjects/none",
        f"/runs/{judged.RUN}/reports/docx",
        f"/runs/{judged.RUN}/reports/none",
        "/checks/none",
        "/language/fr",
        "/nowhere",
    ],
)
async def test_what_is_not_there_is_said_plainly(served: Served, path: str) -> None:
    browser = await served.as_("quản lý", Role.ADMIN)
    status, text, _ = await browser.get(path)
    assert status == 404
    assert "Traceback" not in text
