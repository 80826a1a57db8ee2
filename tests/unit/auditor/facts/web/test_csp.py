"""Tests that policies of a page are read and combined as a browser does."""

from ipaddress import ip_address

import pytest

from auditor.facts.web.csp import ENFORCED, REPORTED, frames_anybody, policies, unsafe
from probes.observations.web import HttpExchange

META = b"<meta http-equiv='Content-Security-Policy' content=\"%s\">"


def answer(*headers: str, body: bytes = b"", name: str = "Content-Security-Policy") -> HttpExchange:
    return HttpExchange(
        address=ip_address("198.51.100.10"),
        port=443,
        url="https://tinh-a.example/",
        status=200,
        body=body,
        body_size=len(body),
        headers=tuple((name, value) for value in headers),
    )


@pytest.mark.parametrize(
    ("sent", "through"),
    [
        ((), ()),
        (("script-src 'self'; base-uri 'self'; object-src 'none'",), ()),
        (("frame-ancestors 'self'",), ("script-src",)),
        (("script-src 'unsafe-inline'",), ("'unsafe-inline'",)),
        (("script-src 'unsafe-inline' 'nonce-a1'",), ()),
        (("script-src 'self'; script-src *",), ()),
        (("script-src 'self'; object-src *",), ("object-src *",)),
        (("script-src 'self'; ; base-uri https:",), ("base-uri https:",)),
    ],
)
def test_unsafe_of_one_policy(sent: tuple[str, ...], through: tuple[str, ...]) -> None:
    assert unsafe(policies(answer(*sent))) == through


@pytest.mark.parametrize(
    ("sent", "through"),
    [
        (("script-src 'unsafe-inline'", "script-src 'self'"), ()),
        (("script-src 'unsafe-inline'", "script-src https:"), ()),
        (("script-src data:", "script-src https:"), ()),
        (("script-src 'unsafe-eval' data:", "script-src data:"), ("data:",)),
        (("script-src *", "script-src https:"), ("*",)),
        (("script-src 'unsafe-inline'", "frame-ancestors 'self'"), ("'unsafe-inline'",)),
        (("script-src 'self', script-src *",), ()),
        (("script-src 'self'; object-src *", "object-src 'none'"), ()),
        (("script-src 'self'; object-src data: 'self'", "object-src 'self' *"), ()),
        (("script-src 'self'; object-src data: https:", "object-src 'self' *"), ("object-src *",)),
    ],
)
def test_unsafe_is_what_every_policy_lets_through(sent: tuple[str, ...], through: tuple[str, ...]) -> None:
    assert unsafe(policies(answer(*sent))) == through


@pytest.mark.parametrize(
    ("sent", "anybody"),
    [
        (("script-src 'self'",), None),
        (("frame-ancestors *",), True),
        (("frame-ancestors 'self' *",), True),
        (("frame-ancestors 'self'",), False),
        (("frame-ancestors *", "frame-ancestors 'none'"), False),
        (("frame-ancestors *", "script-src 'self'"), True),
    ],
)
def test_frames_anybody_needs_every_policy_on_frames_to_let_it(sent: tuple[str, ...], anybody: bool | None) -> None:
    assert frames_anybody(policies(answer(*sent))) is anybody


def test_policies_of_the_page_stand_in_its_head_only() -> None:
    head = META % b"script-src 'none'; frame-ancestors 'none'"
    other = b"<meta http-equiv=refresh content='9; content-security-policy'>"
    page = answer(body=head + other + b"<body>" + META % b"object-src 'none'")
    assert policies(page) == [{"script-src": ("'none'",)}]
    assert policies(page, REPORTED) == []


def test_policies_that_are_only_reported_are_apart() -> None:
    both = answer("script-src 'self'", name="Content-Security-Policy-Report-Only")
    assert policies(both, ENFORCED) == []
    assert policies(both, REPORTED) == [{"script-src": ("'self'",)}]
