"""Tests that NetBox is read page by page over verified TLS, and that only the configured address gets the token."""

from pathlib import Path

import pytest

from auditor.service.cli.commands.inventories.inventory_listed import ListOptions, propose
from auditor.service.runs import netbox_api
from auditor.service.runs.netbox_api import NetBoxAccess, NetBoxRefused, read_objects
from inventory.listed.model import GroupMeanings
from inventory.loader import load_sent
from tests.support.netbox import OBJECTS, TOKEN, netbox

_DEVICES = "/api/dcim/devices/"


def test_read_objects_takes_all_pages_of_all_collections(tmp_path: Path) -> None:
    with netbox(tmp_path) as served:
        access = NetBoxAccess(url=f"{served.url}/api/", token=TOKEN, ca_file=served.ca)
        things = read_objects(access, GroupMeanings()).things().all()
    assert [each.name for each in things] == ["sw-tang1", "r1", "=cmd|'/c'!A1", "web1", "dns.yte.example.vn"]
    assert {method for method, _, _ in served.asked} == {"GET"}
    assert len(served.asked) == 3 + 1 + 3, "as many pages as the server makes of them"
    assert sum(map(len, OBJECTS.values())) > len(served.asked)


def test_read_objects_trusts_no_unknown_certificate(tmp_path: Path) -> None:
    with netbox(tmp_path) as served, pytest.raises(NetBoxRefused, match=r"[Cc]ertificate"):
        read_objects(NetBoxAccess(url=served.url, token=TOKEN), GroupMeanings())
    assert served.asked == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((302, {"Location": "https://localhost:1/"}, b""), "HTTP 302"),
        ((200, {}, b"<html>"), "no page"),
        ((200, {}, b'{"results": [7]}'), "no page"),
        ((200, {}, b"[" * 100_000), "no page"),
        ((500, {}, b""), "HTTP 500"),
    ],
)
def test_read_objects_of_another_answer_is_refused(
    tmp_path: Path, answer: tuple[int, dict[str, str], bytes], why: str
) -> None:
    with netbox(tmp_path) as served:
        served.answers[_DEVICES] = answer
        with pytest.raises(NetBoxRefused, match=why):
            read_objects(NetBoxAccess(url=served.url, token=TOKEN, ca_file=served.ca), GroupMeanings())
    assert len(served.asked) == 1


def test_read_objects_with_a_wrong_token_names_no_token(tmp_path: Path) -> None:
    with netbox(tmp_path) as served, pytest.raises(NetBoxRefused) as caught:
        read_objects(NetBoxAccess(url=served.url, token="wrong", ca_file=served.ca), GroupMeanings())
    assert str(caught.value) == "HTTP 403"


def test_read_objects_sends_tokens_of_the_second_version_as_bearer(tmp_path: Path) -> None:
    with netbox(tmp_path) as served, pytest.raises(NetBoxRefused):
        read_objects(NetBoxAccess(url=served.url, token="nbt_a.b", ca_file=served.ca), GroupMeanings())
    assert served.asked[0][2] == "Bearer nbt_a.b"


def test_read_objects_ends_at_a_page_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netbox_api, "LARGEST_PAGE", 1000)
    with netbox(tmp_path) as served, pytest.raises(NetBoxRefused, match="a page of more than"):
        read_objects(NetBoxAccess(url=served.url, token=TOKEN, ca_file=served.ca), GroupMeanings())


def test_read_objects_ends_after_so_many_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(netbox_api, "PAGES", 2)
    with netbox(tmp_path) as served, pytest.raises(NetBoxRefused, match="more than 2 pages"):
        read_objects(NetBoxAccess(url=served.url, token=TOKEN, ca_file=served.ca), GroupMeanings())
    assert len(served.asked) == 2


def test_propose_reads_netbox_with_a_token_by_reference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n", "utf-8")
    known = tmp_path / "a.csv"
    known.write_text("name,kind,ipv4\nr1,router,10.0.0.1\n", "utf-8")
    monkeypatch.setenv("NETBOX_TOKEN", TOKEN)
    with netbox(tmp_path) as served:
        for reference in (f"file:{tmp_path / 'token'}", "env:NETBOX_TOKEN"):
            options = ListOptions(
                token=reference, ca_file=served.ca, kinds=["firewall=host"], agencies=["so-y-te=H26.7"]
            )
            assert propose(served.url, "netbox", [known], options) == 0
            out, err = capsys.readouterr()
            loaded = load_sent([("b.csv", out.encode())]).inventory.subjects
            assert [(each.name, each.kind.value, each.agency) for each in loaded] == [
                ("sw-tang1", "access-switch", "H26.7"),
                ("=cmd|'/c'!A1", "host", None),
                ("web1", "host", "H26.7"),
                ("dns.yte.example.vn", "host", "H26.7"),
            ]
            assert TOKEN not in out + err
