"""The service from its first visit to an accepted defect, as its people use it, against the rehearsal's real daemons.

They are the IT department of the province (an administrator and an operator), a viewer of one agency, and a reviewer
who reads everything and changes nothing. Each step is a function; they go in the order of ``STEPS`` and share one
service. A person has a browser under the service's own policy for scripts, and what they look at is looked at once
more with axe-core.

Clicks are counted and held; choosing a file is one, typing into fields is none. Before: what an earlier walk needed.

===============================================  ======================================  ======
step                                             before                                  now
===============================================  ======================================  ======
first account to first result, 14 subjects       8 and choosing the file, 11 minutes     5
overview to the list of all that is critical     no such list: 3 for each agency         1
overview to the letter of an agency              not in the pages                        2
overview to a defect with its evidence           3, one agency at a time                 2
audit of an inventory that is kept               3, from another page                    1
defect accepted, from its page                   2, and from the menu ids by heart       2
account for an agency                            2, with its code typed by heart         2
monthly schedule                                 a file on the server, and a restart     2
reviewer to the report of everything             1, at the end of a page                 1
===============================================  ======================================  ======
"""

import csv
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from auditor.service.web.words.lookup import UI
from auditor.texts.translate import Texts
from containers.rehearsal.lab import Rehearsal
from tests.browser.visits import follow, inspecting, usable
from tests.support import audits, services
from tests.support.audits import ENVIRONMENT

pytest_plugins = ("tests.support.rehearsal",)

PASSWORD = "một mật khẩu đủ dài"
INVENTORY = "Cổng của tỉnh"
OURS, THEIRS = "thanhtra.sonlam.gov.vn", "taichinh.sonlam.gov.vn"  # a healthy one and one with a defect
OTHERS = (
    *("cong", "giaoduc", "dantoc", "banlua", "xaydung", "congthuong"),
    *("noivu", "yte", "tuphap", "nongnghiep", "vanhoa", "khcn"),
)
SUBJECTS = (OURS, THEIRS, *(f"{label}.sonlam.gov.vn" for label in OTHERS))
INSIDE = ("::1", 8090)
MEASURING = 300_000
"""Milliseconds that an audit of a few subjects may take on a busy machine."""
_VI = Texts("vi")


def word(key: str, **args: object) -> str:
    """Return a text of the pages in Vietnamese."""
    return _VI.say(f"web/{key}", UI[key], **args)


@dataclass
class Person:
    """Holds a user with a browser of their own."""

    name: str
    base: str
    context: BrowserContext
    inspecting: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    clicks: int = 0
    """Clicks since they were last counted."""

    def follow(self, to: Locator) -> None:
        """Click a link or button to another page, and count the click."""
        follow(self.page, to)
        self.clicks += 1

    def upload(self, path: Path) -> None:
        self.page.locator("[name=files]").set_input_files(path)
        self.clicks += 1

    def counted(self) -> int:
        """Return the clicks since they were last counted."""
        clicks, self.clicks = self.clicks, 0
        return clicks

    def go(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def look(self) -> Page:
        """Assert that the current page is accessible; return the page."""
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
    """Holds the state that the steps share."""

    base: str
    browser: Browser
    lab: Rehearsal
    inventory: Path
    first_code: Path
    people: dict[str, Person] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)

    def person(self, name: str) -> Person:
        if name not in self.people:
            # axe-core is an injected script, which the service's policy forbids.
            context = self.browser.new_context()
            made = Person(name, self.base, context, inspecting(self.browser), context.new_page())
            made.page.on("console", lambda message: made.complaints.append(message.text))
            self.people[name] = made
        return self.people[name]


@contextmanager
def service(lab: Rehearsal, folder: Path) -> Iterator[str]:
    """Run `auditor serve` at the rehearsal's vantage with a way to it from outside; it must end cleanly."""
    config = lab.dir / "walk.toml"
    config.write_text("timeout = 3\n" + (lab.dir / "auditor.toml").read_text("utf-8"), "utf-8")
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
                code = process.wait(300)
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


def first_account(walk: Walk) -> None:
    """The person that started the service creates the administrator's account, and is logged in by that."""
    admin = walk.person("quản trị")
    page = admin.go("/")
    assert page.url.endswith("/setup")
    admin.look()
    page.get_by_label(word("first_code")).fill(walk.first_code.read_text("ascii").strip())
    page.get_by_label(word("login_name"), exact=True).fill(admin.name)
    page.get_by_label(word("password"), exact=True).fill(PASSWORD)
    page.get_by_label(word("password_again")).fill(PASSWORD)
    admin.follow(page.get_by_role("button", name=word("make_account")))
    expect(page.get_by_role("heading", level=1)).to_have_text(word("dashboard"))
    admin.look()


def first_result(walk: Walk) -> None:
    """The administrator previews the content of a file, has it audited, and watches the audit to its end."""
    admin = walk.person("quản trị")
    page = admin.page
    page.locator("[name=name]").fill(INVENTORY)
    admin.upload(walk.inventory)
    admin.follow(page.get_by_role("button", name=word("look_first")))
    expect(page.get_by_role("main")).to_contain_text(OURS)
    admin.follow(page.get_by_role("button", name=word("keep_and_audit", n=1)))
    watched(walk, admin)
    assert admin.counted() == 5, "from the first account to the first result"
    admin.look()
    admin.go("/runs")
    admin.look()


def watched(walk: Walk, person: Person) -> None:
    """Watch an audit to its end without loading the page again, and go to its results."""
    page, address = person.page, person.page.url
    page.evaluate("window.same = true")
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=MEASURING)
    person.look()
    link = page.get_by_role("link", name=word("results_of_run"))
    expect(link).to_be_visible(timeout=MEASURING)
    assert page.evaluate("window.same") is True, "the page was loaded again"
    expect(page.locator("#progress")).to_contain_text(word("job_finished"))
    expect(page.locator("#cancel")).to_be_empty()
    assert page.url == address
    person.look()
    person.follow(link)
    walk.runs.append(page.url.rpartition("/")[2])


def other_people(walk: Walk) -> None:
    """The administrator creates an account for each of the others; their agency is chosen by its name."""
    admin = walk.person("quản trị")
    account(admin, "lan", "operator")
    account(admin, "thẩm định", "viewer")
    account(admin, "thanh tra", "viewer", agency_of(walk, OURS))
    admin.counted()
    admin.go("/")
    account(admin, "kế toán", "viewer", agency_of(walk, THEIRS), by_menu=True)
    assert admin.counted() == 2, "an account for an agency"


def account(admin: Person, name: str, role: str, agency: str = "", *, by_menu: bool = False) -> None:
    if by_menu:
        admin.follow(admin.page.get_by_role("navigation").get_by_role("link", name=word("accounts"), exact=True))
    else:
        admin.go("/accounts")
    form = admin.page.locator("form[action='/accounts']")
    form.locator("[name=name]").fill(name)
    form.locator("[name=password]").fill(PASSWORD)
    form.locator(f"[name=role][value={role}]").check()
    form.locator("[name=agency]").select_option(agency)
    if form.locator("[name=own_password]").count():
        form.locator("[name=own_password]").fill(PASSWORD)
    admin.follow(form.get_by_role("button"))
    expect(admin.page.get_by_role("rowheader", name=name)).to_be_visible()
    admin.look()


def from_the_overview(walk: Walk) -> None:
    """The operator finds everything critical, a defect with its evidence, and the letter to an agency."""
    operator = walk.person("lan")
    operator.log_in()
    page = operator.page
    operator.follow(page.locator(".severities .critical a"))
    expect(page.locator("table.problems .badge").first).to_contain_text(_VI.word("severity", "critical"))
    assert operator.counted() == 1, "the list of everything critical"
    operator.look()
    operator.go("/")
    operator.follow(page.locator(".severities .critical a"))
    operator.follow(page.locator("table.problems tbody th a").first)
    expect(page.get_by_role("heading", name=word("evidence"))).to_be_visible()
    assert operator.counted() == 2, "a defect with its evidence"
    operator.look()
    operator.go("/")
    table = page.locator("section").filter(has=page.get_by_role("heading", name=word("who_must_act")))
    operator.follow(table.locator("tbody th a").first)
    operator.look()
    with page.expect_download(timeout=MEASURING) as download:
        page.get_by_role("link", name=word("letter"), exact=True).click()
    assert download.value.suggested_filename.endswith(".docx")
    assert operator.counted() + 1 == 2, "the letter of an agency"


def schedule(walk: Walk) -> None:
    """The operator has the inventory audited every month."""
    operator = walk.person("lan")
    page = operator.go("/")
    operator.follow(page.get_by_role("navigation").get_by_role("link", name=word("schedules"), exact=True))
    form = page.locator("form[action='/schedules']")
    form.locator("[name=name]").fill("hằng tháng")
    expect(form.locator("[name=day]")).to_be_visible()
    expect(form.locator("[name=weekday]")).to_be_hidden()
    expect(form.locator("[name=cron]")).to_be_hidden()
    operator.look()
    operator.follow(form.get_by_role("button"))
    expect(page.get_by_role("heading", name="hằng tháng")).to_be_visible()
    assert operator.counted() == 2, "a monthly schedule"
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
    watched(walk, operator)


def report(walk: Walk) -> None:
    """The operator downloads a report of the run."""
    page = walk.person("lan").go(f"/runs/{walk.runs[-1]}")
    with page.expect_download(timeout=300_000) as download:
        page.get_by_role("link", name="HTML", exact=True).click()
    text = download.value.path().read_text("utf-8")
    assert OURS in text
    assert THEIRS in text


def a_reviewer(walk: Walk) -> None:
    """The reviewer reads everything of the province and its report, and can change nothing."""
    reviewer = walk.person("thẩm định")
    reviewer.log_in()
    page = reviewer.look()
    reviewer.counted()
    with page.expect_download(timeout=MEASURING):
        page.get_by_role("link", name="XLSX", exact=True).click()
    for path in ("/problems", f"/runs/{walk.runs[-1]}/subjects/{THEIRS}", f"/runs/{walk.runs[-1]}/seal", "/waivers"):
        reviewer.go(path)
        for act in ("save", "check_again", "accept_defect", "judge_again"):
            expect(page.get_by_role("button", name=word(act))).to_have_count(0)
        reviewer.look()
    for path in ("/audits", "/accounts", "/audit-log", "/shares"):
        reviewer.go(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(word("forbidden"))
    reviewer.complaints.clear()  # of pages that are refused


def an_agency_s_viewer(walk: Walk) -> None:
    """The viewer sees the data of its own agency; pages of others and of operators are refused."""
    viewer = walk.person("thanh tra")
    viewer.log_in()
    viewer.look()
    viewer.go(f"/runs/{walk.runs[-1]}/subjects/{OURS}")
    expect(viewer.page.get_by_role("heading", level=1)).to_contain_text(OURS)
    viewer.look()
    refused = {f"/runs/{walk.runs[-1]}/subjects/{THEIRS}": "not_found"}
    refused |= dict.fromkeys(("/audits", "/schedules", "/accounts", "/audit-log", "/shares"), "forbidden")
    for path, why in refused.items():
        viewer.go(path)
        expect(viewer.page.get_by_role("heading", level=1)).to_have_text(word(why))
        expect(viewer.page.get_by_role("main")).not_to_contain_text(THEIRS)
        viewer.look()
    viewer.complaints.clear()  # of pages that are refused


def agency_of(walk: Walk, subject: str) -> str:
    """Return the agency code of a subject in the inventory."""
    with walk.inventory.open(encoding="utf-8", newline="") as table:
        return next(row["agency_code"] for row in csv.DictReader(table) if subject in row.values())


def something_breaks(walk: Walk) -> None:
    """A portal stops answering between two audits; the operator sees which findings became worse."""
    operator = walk.person("lan")
    page = operator.go(f"/inventories/{INVENTORY}")
    expect(page.get_by_role("button", name=word("start_audit_of_it"))).to_be_visible()  # one click from here
    operator.look()
    with walk.lab.fault("rst_443", OURS):  # one site of many: not explained by the vantage
        audit(walk, "quý 4")
    operator.go("/changes")
    worse = operator.page.locator("article.change-new").filter(has_text=OURS)
    expect(worse.first).to_be_visible()
    operator.look()


def a_defect_is_accepted(walk: Walk) -> None:
    """The operator accepts a defect until a day, and has the run assessed again; the viewer of the agency sees it."""
    operator = walk.person("lan")
    page = operator.go(f"/runs/{walk.runs[-1]}/subjects/{OURS}")
    follow(page, page.locator(".finding.fail h2 a").first)
    operator.counted()
    operator.follow(page.get_by_role("link", name=word("accept_this")))
    operator.look()
    form = page.locator("form[action='/waivers']")
    expect(form.locator("[name=subject]")).to_have_value(OURS)
    expect(form.locator("[name=check]")).not_to_have_value("")
    expect(form.locator("[name=until]")).not_to_have_value("")
    form.locator("[name=reason]").fill("đang thay thiết bị")
    operator.follow(form.get_by_role("button"))
    assert operator.counted() == 2, "a defect accepted, with only its reason typed"
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
    """The browsers report no scripts or styles that the policy forbids, nothing missing, and no other error."""
    assert {one.name: one.complaints for one in walk.people.values() if one.complaints} == {}


STEPS: tuple[Callable[[Walk], None], ...] = (
    first_account,
    first_result,
    other_people,
    from_the_overview,
    schedule,
    report,
    a_reviewer,
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
