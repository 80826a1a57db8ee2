"""The service from its first visit to an accepted defect, as three people use it, against the rehearsal's real daemons.

Each step is a function; they go in the order of ``STEPS`` and share one service. A person has a browser under the
service's own policy for scripts, and what they look at is looked at once more with axe-core.
"""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from auditor.service.web.words import UI
from auditor.texts.translate import Texts
from containers.rehearsal.lab import Rehearsal
from tests.browser.visits import follow, usable
from tests.support import audits, services
from tests.support.audits import ENVIRONMENT

pytest_plugins = ("tests.support.rehearsal",)

PASSWORD = "một mật khẩu đủ dài"
INVENTORY = "Cổng của tỉnh"
OURS, THEIRS = "thanhtra.sonlam.gov.vn", "taichinh.sonlam.gov.vn"  # a healthy one and one with a defect
SUBJECTS = {OURS, THEIRS, *(f"{label}.sonlam.gov.vn" for label in ("cong", "giaoduc", "dantoc", "banlua"))}
INSIDE = ("::1", 8090)
MEASURING = 150_000
"""Milliseconds that an audit of a few subjects may take on a busy machine."""
_VI = Texts("vi")


def word(key: str, **args: object) -> str:
    """A word of the pages as their readers see it."""
    return _VI.say(f"web/{key}", UI[key], **args)


@dataclass
class Person:
    """Somebody with a browser of their own."""

    name: str
    base: str
    context: BrowserContext
    inspecting: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def look(self) -> Page:
        """What is there, usable by everybody."""
        self.inspecting.clear_cookies()
        self.inspecting.add_cookies(self.context.cookies())  # type: ignore[arg-type]  # the same kind of thing
        page = self.inspecting.new_page()
        page.goto(self.page.url)
        usable(page)
        page.close()
        return self.page

    def log_in(self) -> None:
        page = self.go("/login")
        page.get_by_label(word("name")).fill(self.name)
        page.get_by_label(word("password")).fill(PASSWORD)
        follow(page, page.get_by_role("button", name=word("log_in")))


@dataclass
class Walk:
    """What the steps share."""

    base: str
    browser: Browser
    lab: Rehearsal
    inventory: Path
    first_code: Path
    people: dict[str, Person] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)

    def person(self, name: str) -> Person:
        if name not in self.people:
            # axe-core is a script put into the page, which the service's policy forbids.
            context, inspecting = self.browser.new_context(), self.browser.new_context(bypass_csp=True)
            made = Person(name, self.base, context, inspecting, context.new_page())
            made.page.on("console", lambda message: made.complaints.append(message.text))
            self.people[name] = made
        return self.people[name]


@contextmanager
def service(lab: Rehearsal, folder: Path) -> Iterator[str]:
    """`auditor serve` at the rehearsal's vantage, and a way to it from outside; it must end cleanly."""
    config = lab.dir / "walk.toml"
    config.write_text("timeout = 1\n" + (lab.dir / "auditor.toml").read_text("utf-8"), "utf-8")
    where = ("--store", f"sqlite:///{folder / 'a.db'}", "--listen", f"[{INSIDE[0]}]:{INSIDE[1]}")
    environment = ["env", "--", *(f"{key}={value}" for key, value in ENVIRONMENT.items())]
    log = folder / "log"
    with (
        services.start(lab, config, where, log, subprocess.PIPE) as process,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as outside,
    ):
        assert process.stdout is not None
        assert process.stdout.readline(), log.read_text()
        number = outside.fileno()
        relay = [sys.executable, "-m", "tests.support.relay", str(number), INSIDE[0], str(INSIDE[1])]
        with subprocess.Popen([*environment, *lab.command(relay)], pass_fds=(number,)) as relaying:
            try:
                yield f"http://[::1]:{outside.getsockname()[1]}"
            finally:
                services.tell(lab, log, "TERM")
                code = process.wait(240)
                relaying.terminate()
    said = log.read_text("utf-8")
    assert code == 0, said
    assert "Traceback" not in said


@pytest.fixture
def walk(lab: Rehearsal, browser: Browser, tmp_path: Path) -> Iterator[Walk]:
    inventory = audits.inventory(lab, tmp_path / "cong.csv", SUBJECTS)
    with service(lab, tmp_path) as base:
        yield Walk(base, browser, lab, inventory, tmp_path / "a.db.set-up-code")


# --- the steps --------------------------------------------------------------------------------------------------------


def first_visit(walk: Walk) -> None:
    """Whoever started the service makes the administrator's account, and that one an operator's."""
    admin = walk.person("quản trị")
    page = admin.go("/")
    assert page.url.endswith("/setup")
    admin.look()
    page.get_by_label(word("first_code")).fill(walk.first_code.read_text("ascii").strip())
    page.get_by_label(word("name"), exact=True).fill(admin.name)
    page.get_by_label(word("password"), exact=True).fill(PASSWORD)
    page.get_by_label(word("password_again")).fill(PASSWORD)
    follow(page, page.get_by_role("button", name=word("make_account")))
    admin.look()
    admin.log_in()
    admin.look()
    account(admin, "lan", "operator")


def account(admin: Person, name: str, role: str, agency: str = "") -> None:
    admin.go("/accounts")
    form = admin.page.locator("form[action='/accounts']")
    form.locator("[name=name]").fill(name)
    form.locator("[name=password]").fill(PASSWORD)
    form.locator("[name=role]").select_option(role)
    form.locator("[name=agency]").fill(agency)
    if form.locator("[name=own_password]").count():
        form.locator("[name=own_password]").fill(PASSWORD)
    follow(admin.page, form.get_by_role("button"))
    expect(admin.page.get_by_role("rowheader", name=name)).to_be_visible()
    admin.look()


def import_of_an_inventory(walk: Walk) -> None:
    """The operator looks at what is in a file, then keeps it."""
    operator = walk.person("lan")
    operator.log_in()
    page = operator.go("/inventories")
    operator.look()
    page.locator("[name=name]").fill(INVENTORY)
    page.locator("[name=files]").set_input_files(walk.inventory)
    follow(page, page.get_by_role("button", name=word("look_first")))
    expect(page.get_by_role("main")).to_contain_text(OURS)
    follow(page, page.get_by_role("button", name=word("keep_as_version", n=1)))
    operator.go("/inventories")
    expect(page.get_by_role("link", name=INVENTORY, exact=True)).to_be_visible()
    operator.look()


def audit_of_it(walk: Walk) -> None:
    """The operator starts an audit and watches it to its end without loading the page again."""
    audit(walk, "quý 3")
    operator = walk.person("lan")
    expect(operator.page.get_by_role("heading", level=1)).to_contain_text("quý 3")
    operator.look()
    operator.go("/runs")
    operator.look()


def audit(walk: Walk, name: str) -> None:
    operator = walk.person("lan")
    page = operator.go("/audits")
    form = page.locator("form[action='/audits']")
    form.locator("[name=inventory]").select_option(INVENTORY)
    form.locator("[name=name]").fill(name)
    form.locator("[name=profile]").select_option("quick")
    operator.look()
    follow(page, form.get_by_role("button"))
    watched = page.url
    page.evaluate("window.same = true")
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=MEASURING)
    operator.look()
    link = page.get_by_role("link", name=word("results_of_run"))
    expect(link).to_be_visible(timeout=MEASURING)
    assert page.evaluate("window.same") is True, "the page was loaded again"
    expect(page.locator("#progress")).to_contain_text(word("job_finished"))
    expect(page.locator("#cancel")).to_be_empty()
    assert page.url == watched
    operator.look()
    follow(page, link)
    walk.runs.append(page.url.rpartition("/")[2])


def report(walk: Walk) -> None:
    """A report of it is downloaded."""
    page = walk.person("lan").go(f"/runs/{walk.runs[-1]}")
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("link", name="HTML", exact=True).click()
    text = download.value.path().read_text("utf-8")
    assert OURS in text
    assert THEIRS in text


def an_agency_s_viewer(walk: Walk) -> None:
    """Sees what is its own, and nothing else is there for it."""
    account(walk.person("quản trị"), "thanh tra", "viewer", agency_of(walk, OURS))
    viewer = walk.person("thanh tra")
    viewer.log_in()
    viewer.look()
    viewer.go(f"/runs/{walk.runs[-1]}/subjects/{OURS}")
    expect(viewer.page.get_by_role("heading", level=1)).to_contain_text(OURS)
    viewer.look()
    refused = {f"/runs/{walk.runs[-1]}/subjects/{THEIRS}": "not_found"}
    refused |= dict.fromkeys(("/audits", "/schedules", "/accounts", "/audit-log"), "forbidden")
    for path, why in refused.items():
        viewer.go(path)
        expect(viewer.page.get_by_role("heading", level=1)).to_have_text(word(why))
        expect(viewer.page.get_by_role("main")).not_to_contain_text(THEIRS)
        viewer.look()
    viewer.complaints.clear()  # of pages that are refused


def agency_of(walk: Walk, subject: str) -> str:
    """The code that the inventory has."""
    head, *rows = (line.split(",") for line in walk.inventory.read_text("utf-8").splitlines())
    row = next(one for one in rows if subject in one)
    return row[head.index("agency_code")]


def something_breaks(walk: Walk) -> None:
    """Between two audits a portal stops answering; the operator sees what became worse."""
    with walk.lab.fault("rst_443", OURS):  # one of many: no vantage is blamed for it
        audit(walk, "quý 4")
    operator = walk.person("lan")
    operator.go("/changes")
    worse = operator.page.locator("article.change-new").filter(has_text=OURS)
    expect(worse.first).to_be_visible()
    operator.look()


def a_defect_is_accepted(walk: Walk) -> None:
    """The operator accepts a defect until a day, and has the run assessed again; the viewer of the agency sees it."""
    operator = walk.person("lan")
    page = operator.go(f"/runs/{walk.runs[-1]}/subjects/{OURS}")
    failed = page.locator(".finding.fail").first
    check = failed.locator("a[href^='/checks/']").first.get_attribute("href")
    assert check is not None
    operator.go("/waivers")
    operator.look()
    form = page.locator("form[action='/waivers']")
    for name, text in {
        "subject": OURS,
        "check": check.rpartition("/")[2],
        "reason": "đang thay thiết bị",
        "owner": "Lan",
        "until": (datetime.now(UTC) + timedelta(days=30)).date().isoformat(),
    }.items():
        form.locator(f"[name={name}]").fill(text)
    follow(page, form.get_by_role("button"))
    expect(page.get_by_role("table")).to_contain_text("đang thay thiết bị")
    operator.look()
    page.get_by_role("button", name=word("judge_again")).click()
    expect(page).to_have_url(f"{walk.base}/runs/{walk.runs[-1]}", timeout=MEASURING)
    viewer = walk.person("thanh tra")
    viewer.go(f"/runs/{walk.runs[-1]}/subjects/{OURS}")
    expect(viewer.page.get_by_role("main")).to_contain_text(word("waived_mark"))
    viewer.look()
    viewer.go("/waivers")
    expect(viewer.page.get_by_role("main")).to_contain_text("đang thay thiết bị")
    expect(viewer.page.get_by_role("button", name=word("accept_defect"))).to_have_count(0)
    viewer.look()


def all_of_it_is_in_the_log(walk: Walk) -> None:
    admin = walk.person("quản trị")
    admin.go("/audit-log")
    for deed in ("deed_set_up", "deed_account_added", "deed_run_started", "deed_export"):
        expect(admin.page.get_by_role("main")).to_contain_text(word(deed))
    admin.look()


def no_browser_complained(walk: Walk) -> None:
    """Of scripts or styles that the policy forbids, of what is missing, of anything."""
    assert {one.name: one.complaints for one in walk.people.values() if one.complaints} == {}


STEPS: tuple[Callable[[Walk], None], ...] = (
    first_visit,
    import_of_an_inventory,
    audit_of_it,
    report,
    an_agency_s_viewer,
    something_breaks,
    a_defect_is_accepted,
    all_of_it_is_in_the_log,
    no_browser_complained,
)


@pytest.mark.needs_root
@pytest.mark.slow
def test_the_walk(walk: Walk) -> None:
    for step in STEPS:
        print(f"{datetime.now(UTC):%H:%M:%S} {step.__name__}", flush=True)
        step(walk)
