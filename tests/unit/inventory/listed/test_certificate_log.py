"""Names of certificates are proposed as web sites, each once."""

import pytest

from inventory.listed.certificate_log import read_certificates
from inventory.listed.model import NotSuchAListError


def test_read_certificates_takes_names_of_both_forms() -> None:
    text = """[{"name_value": "www.a.example\\n*.a.example\\nWWW.a.example"}, {"dns_names": ["b.example", 5]},
        {"name_value": "mail@a.example"}, {}]"""
    assert [each.name for each in read_certificates(text).all()] == ["www.a.example", "b.example"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", "[" * 100_000])
def test_read_certificates_refuses_other_documents(text: str) -> None:
    with pytest.raises(NotSuchAListError):
        read_certificates(text)
