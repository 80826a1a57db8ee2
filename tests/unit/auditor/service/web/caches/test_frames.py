"""Tests that a page is rendered once for its readers, and that each reader gets the secret of their own session."""

from collections.abc import Mapping

import pytest
from markupsafe import Markup

from auditor.service.web.caches.frames import FrameCache, as_key
from auditor.service.web.caches.parts import CachedPart

BODY = CachedPart.of("<p>Sở Y tế</p>".encode())


class Template:
    """Renders a page, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, csrf: str, parts: Mapping[str, Markup]) -> bytes:
        self.times += 1
        return f"<form>{csrf}</form>{parts['body']}<form>{csrf}</form>".encode()


def test_page_gives_each_session_its_own_secret_and_is_rendered_once() -> None:
    frames, template = FrameCache(), Template()
    for secret in ("first", "second"):
        page = frames.page("key", {"body": BODY}, template).filled(secret)
        assert page.decode() == f"<form>{secret}</form><p>Sở Y tế</p><form>{secret}</form>"
    assert template.times == 1


def test_page_escapes_a_secret_and_puts_nothing_into_what_a_part_says() -> None:
    hostile = CachedPart.of(b"<p>csrf body \\1 {csrf}</p>")
    page = FrameCache().page("key", {"body": hostile}, Template()).filled('"><script>')
    assert page.count(b"<script>") == 0
    assert b"<p>csrf body \\1 {csrf}</p>" in page


def test_page_takes_other_parts_into_a_frame_that_is_kept() -> None:
    frames, template = FrameCache(), Template()
    frames.page("key", {"body": BODY}, template)
    assert b"<i>new</i>" in frames.page("key", {"body": CachedPart.of(b"<i>new</i>")}, template).filled("")
    assert template.times == 1


def test_page_keeps_the_latest_frames() -> None:
    frames, template = FrameCache(most=2), Template()
    for key in ("a", "b", "a", "c", "a", "b"):
        frames.page(key, {"body": BODY}, template)
    assert template.times == 4


def test_page_of_values_that_change_is_rendered_each_time() -> None:
    frames, template = FrameCache(), Template()
    for _ in range(2):
        assert b"<p>" in frames.page(("running", {1, 2}), {"body": BODY}, template).filled("")
    assert template.times == 2


def test_answered_is_nothing_once_anything_was_written() -> None:
    frames = FrameCache()
    page = frames.page("key", {"body": BODY}, Template())
    frames.keep_answer("/problems", 7, page)
    assert frames.answered("/problems", 7) is page
    assert frames.answered("/problems", 8) is None
    assert frames.answered("/", 7) is None
    frames.keep_answer("/", 8, page)
    assert frames.answered("/problems", 8) is None


def test_as_key_tells_values_apart_and_refuses_what_it_cannot() -> None:
    assert as_key({"a": [1, {"b": 2}]}) == as_key({"a": [1, {"b": 2}]})
    assert as_key({"a": [1, {"b": 2}]}) != as_key({"a": [1, {"b": 3}]})
    assert len({as_key({"a": 1, "b": 2}), as_key({"b": 2, "a": 1})}) == 2  # a page shows them in their order
    with pytest.raises(TypeError):
        as_key({"a": {1, 2}})
