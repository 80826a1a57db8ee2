"""Tests that refusals are lines of the audit log, and that they cannot fill the disk."""

from datetime import UTC, datetime, timedelta

from auditor.service.accounts.refusal_log import MINUTE, MOST, RefusalLog

Line = tuple[str, str, str, str]


class Log:
    def __init__(self) -> None:
        self.now, self.lines = datetime(2026, 3, 2, 1, 30, tzinfo=UTC), list[Line]()

    def write(self, who: str, address: str, what: str, about: str) -> None:
        self.lines.append((who, address, what, about))

    def refusals(self) -> RefusalLog:
        return RefusalLog(self.write, lambda: self.now)


def test_add_first_of_a_minute_is_written_others_counted() -> None:
    log = Log()
    refusals = log.refusals()
    for path in ("/a", "/b", "/c"):
        refusals.add("lan", "::1", "access_refused", path)
    assert log.lines == [("lan", "::1", "access_refused", "/a")]
    refusals.settle()  # the minute is not over
    log.now += MINUTE
    assert refusals.is_due
    refusals.settle()
    assert log.lines[1:] == [("lan", "::1", "access_refused", "+2 /c")]
    refusals.add("lan", "::1", "access_refused", "/d")
    assert log.lines[2:] == [("lan", "::1", "access_refused", "/d")]


def test_a_refusal_after_the_minute_writes_the_count_before_itself() -> None:
    log = Log()
    refusals = log.refusals()
    refusals.add("lan", "::1", "access_refused", "/a")
    refusals.add("lan", "::1", "access_refused", "/b")
    log.now += MINUTE
    refusals.add("minh", "::2", "access_refused", "/c")
    assert [line[3] for line in log.lines] == ["/a", "+1 /b", "/c"]


def test_minute_that_a_clock_ahead_began_is_over_once_it_is_put_right() -> None:
    log = Log()
    refusals = log.refusals()
    log.now += timedelta(days=400)
    refusals.add("lan", "::1", "access_refused", "/a")
    refusals.add("lan", "::1", "access_refused", "/b")
    log.now -= timedelta(days=400)
    assert refusals.is_due
    refusals.add("lan", "::1", "access_refused", "/c")
    assert [line[3] for line in log.lines] == ["/a", "+1 /b", "/c"]


def test_settle_at_service_end_writes_the_counts() -> None:
    log = Log()
    refusals = log.refusals()
    refusals.add("", "2001:db8::1", "login_waits", "")
    refusals.add("", "2001:db8::2", "login_waits", "")  # the same /64
    refusals.settle()
    assert len(log.lines) == 1
    refusals.settle(ends=True)
    assert log.lines[1:] == [("", "2001:db8::1", "login_waits", "+1 ")]


def test_add_many_actors_writes_bounded_lines_a_minute() -> None:
    log = Log()
    refusals = log.refusals()
    for number in range(10_000):
        refusals.add(f"name {number}", f"2001:db8:{number:x}::1", "login_waits", "x" * 5_000)
        log.now += timedelta(milliseconds=30)  # five minutes in all
    refusals.settle(ends=True)
    assert len(log.lines) <= 6 * (MOST + 2)
    assert sum(len("".join(line)) for line in log.lines) < 40_000
    told = sum(int(about.split(" ")[0][1:]) if about.startswith("+") else 1 for *_, about in log.lines)
    assert told == 10_000
