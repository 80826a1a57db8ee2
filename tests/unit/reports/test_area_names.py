"""Tests the names of areas, and the name for checks without an area."""

import pytest

from auditor.texts.translate import Texts
from reports.area_names import area_name


@pytest.mark.parametrize(
    ("lang", "area", "name"),
    [
        ("en", "security", "Basic security"),
        ("vi", "tslcd", "Mạng TSLCD"),
        ("en", "", "Other checks"),
        ("vi", "", "Nội dung khác"),
    ],
)
def test_area_name_of_an_area_and_of_none_begins_a_line(lang: str, area: str, name: str) -> None:
    assert area_name(Texts(lang, {}), area) == name
