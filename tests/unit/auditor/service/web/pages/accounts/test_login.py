"""Tests that the choice of a language leads back to a page of ours, for any link."""

from urllib.parse import urljoin

import pytest
from aiohttp import web

from auditor.service.web.pages.accounts.login import safe_path

HERE = "https://auditor.example/language/vi"


@pytest.mark.parametrize("path", ["/", "/runs/r1/subjects/www.tinh.vn", "/runs?page=2", "/inventories/tỉnh nhà"])
def test_ours_own_path_is_kept(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "runs",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\n\\evil.example",
        "\t//evil.example",
        "https://evil.example/",
        "/\x00/evil.example",
        "/\t/[",
    ],
)
def test_ours_foreign_address_becomes_the_first_page(path: str) -> None:
    led = web.HTTPSeeOther(safe_path(path)).headers["Location"]
    assert urljoin(HERE, led) == "https://auditor.example/"
