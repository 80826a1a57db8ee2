"""What holds for every test with a browser."""

from playwright.sync_api import expect

expect.set_options(timeout=60_000)  # milliseconds; a busy machine is no defect of a page
