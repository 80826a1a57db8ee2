"""Tests the list of CT logs: the shipped one, and the entries that are refused."""

import pytest

from auditor.framework import ct_logs


def test_shipped_list_has_logs_of_several_operators() -> None:
    found = ct_logs.shipped()
    assert len(found) > 30
    assert {"Google", "Let's Encrypt", "DigiCert"} <= set(found.values())
    assert all(len(bytes.fromhex(log)) == 32 for log in found)


def test_parsed_takes_tiled_logs_too() -> None:
    text = '{"operators": [{"name": "A", "logs": [], "tiled_logs": [{"log_id": "AAE="}]}]}'
    assert ct_logs.parsed(text) == {"0001": "A"}


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"operators": []}', '{"operators": [{"name": "A", "logs": [{"log_id": "%"}]}]}']
)
def test_parsed_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ct_logs.LogListError):
        ct_logs.parsed(text)
