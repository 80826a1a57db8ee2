"""Holds the fixtures of every test with a browser: the browser program and the time limits.

Needs Debian's chromium-headless-shell, Chromium without its windows, which takes a fifth less CPU time; where it is
missing these tests fail rather than look passed.
"""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

CHROMIUM = "chromium-headless-shell"
ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]
ARGUMENTS += ["--js-flags=--no-opt"]  # no page stays open long enough for the optimisation of its scripts to pay off

PATIENCE = 300_000
"""Milliseconds that a page may take: a busy machine is no defect of it."""

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which(CHROMIUM)
    if chromium is None:
        pytest.fail(f"needs {CHROMIUM}: apt-get install --no-install-recommends {CHROMIUM}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        make = started.new_context

        def patient(**options: Any) -> BrowserContext:
            context = make(**options)
            context.set_default_timeout(PATIENCE)
            return context

        started.new_context = patient  # type: ignore[method-assign]
        yield started
        started.close()
