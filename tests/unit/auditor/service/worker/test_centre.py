"""Tests that the centre is reached only over HTTPS."""

import pytest

from auditor.framework.operator_problems import OperatorError
from auditor.service.leases.model import LeaseLost
from auditor.service.worker.centre import Declined, Unreachable, _refusal, checked_url


@pytest.mark.parametrize(
    "url", ["https://audit.tinh.vn", "https://[2001:db8::1]:8443", "http://127.0.0.1:8080", "http://[::1]:8080"]
)
def test_url_of_https_or_this_machine_is_taken(url: str) -> None:
    assert checked_url(f"{url}/") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "audit.tinh.vn",
        "http://audit.tinh.vn",
        "http://127.0.0.1.evil.vn",
        "https://user:secret@audit.tinh.vn",
        "https://audit.tinh.vn/?next=x",
        "ftp://audit.tinh.vn",
        "https://",
    ],
)
def test_url_of_anything_else_is_refused(url: str) -> None:
    with pytest.raises(OperatorError):
        checked_url(url)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (409, b'{"code":"lease_lost"}', LeaseLost),
        (409, b'{"code":"vantage_differs"}', Declined),
        (422, b'{"code":"other_time"}', Declined),
        (401, b'{"code":"no_token"}', Unreachable),
        (403, b'{"code":"forbidden"}', Unreachable),
        (502, b"<html>", Unreachable),
        (404, b"not json", Unreachable),
        (302, b"", Unreachable),
        (422, b"[" * 100_000, Unreachable),
    ],
)
def test_refusal_is_told_from_a_centre_that_cannot_answer_now(status: int, body: bytes, kind: type[Exception]) -> None:
    assert type(_refusal(status, body)) is kind
