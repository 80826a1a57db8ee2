"""Tests that the service answers only under its own names."""

import pytest

from auditor.service.config.model import Config
from auditor.service.web.security.host_names import HostNames

OURS = Config.model_validate(
    {
        "serve": {"names": ["Kiem-Tra.example.vn", "2001:db8::7"]},
        "notify": {"pages": "https://lien-ket.example.vn/x"},
        "oidc": {"issuer": "https://id.example", "client_id": "x", "public_url": "https://cong.example.vn"},
    }
)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8080",
        "127.0.0.1:8080",
        "127.9.9.9",
        "[::1]:8080",
        "kiem-tra.example.vn:443",
        "KIEM-TRA.example.vn.",
        "[2001:DB8::7]:80",
        "[2001:db8:0::7]",
        "cong.example.vn",
        "lien-ket.example.vn",
    ],
)
def test_is_ours_own_name_is(host: str) -> None:
    assert HostNames(OURS).is_ours(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "kiem-tra.example.vn.evil.example",
        "192.0.2.1",
        "[2001:db8::8]",
        "127.0.0.1.evil.example",
        "id.example",
        "0.0.0.0",
        "127.1",
        "localhost:80@evil.example",
        "localhost:evil.example",
        "localhost/evil.example",
        "[::1]evil.example",
        "localhost@evil.example",
    ],
)
def test_is_ours_other_name_is_not(host: str) -> None:
    assert not HostNames(OURS).is_ours(host)


def test_tell_each_name_once_and_not_without_end(caplog: pytest.LogCaptureFixture) -> None:
    hosts = HostNames(Config())
    for number in range(500):
        hosts.tell(f"evil-{number}.example")
        hosts.tell("evil-0.example")
    assert len(caplog.records) == 100
    assert "names in [serve]" in caplog.text
