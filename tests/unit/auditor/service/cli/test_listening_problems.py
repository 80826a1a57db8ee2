"""Tests that ports that could not be opened are reported in the reader's language, with the action to take."""

import errno
import os

import pytest

from auditor.service.cli.listening_problems import port_not_opened
from auditor.texts.translate import Texts


@pytest.mark.parametrize(
    ("number", "vi", "en"),
    [
        (
            errno.EADDRNOTAVAIL,
            "máy này không có địa chỉ đó; lệnh `ip addr` liệt kê các địa chỉ của máy",
            "this machine has no such address; `ip addr` lists those it has",
        ),
        (
            errno.EACCES,
            "không có quyền; các cổng dưới 1024 cần quyền CAP_NET_BIND_SERVICE",
            "no permission; ports below 1024 take the capability CAP_NET_BIND_SERVICE",
        ),
    ],
)
def test_port_that_cannot_be_opened_is_told_in_the_language_of_the_reader(number: int, vi: str, en: str) -> None:
    told = port_not_opened(OSError(number, os.strerror(number)), at="x")
    assert told.worded(lambda text, **values: Texts("vi").say("ui", text, **values)) == f"x: {vi}"
    assert str(told) == f"x: {en}"
