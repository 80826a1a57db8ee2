"""Tests a province with all communes in one /48: the hub reports the planted defects and no healthy commune.

An answer of a configured control or of another commune shows that our packets get out; no prefix could show it.
"""

from ipaddress import ip_address, ip_network

import pytest

from containers.rehearsal.tslcd.lab import TslcdRehearsal
from containers.rehearsal.tslcd.network import PREFIXES, registered
from containers.rehearsal.tslcd.sites import COMMUNES, DEAD_NODE
from tests.support.audits import Document, brief, only
from tests.support.tslcd_audits import audit

pytest_plugins = ("tests.support.tslcd",)

CHECKS = (
    "tslcd.site.reach",
    "tslcd.ip.dual-stack",
    "tslcd.ip.plan",
    "ipv6.path.min-mtu",
    "ipv6.device.mgmt-v6",
    "security.snmp.default-community",
)
PLANTED = {
    ("d-banlua", "tslcd.site.reach"): ("fail", "SILENT"),
    ("d-benngoc", "tslcd.site.reach"): ("fail", "SILENT"),
    (DEAD_NODE, "tslcd.site.reach"): ("fail", "SILENT"),
    ("d-doithong", "tslcd.ip.dual-stack"): ("fail", "SILENT_V6"),
    ("d-cuasong", "tslcd.ip.dual-stack"): ("fail", "SILENT_V6"),
    ("d-cuasong", "ipv6.device.mgmt-v6"): ("fail", "NONE"),
    ("d-doithong", "ipv6.device.mgmt-v6"): ("fail", "NONE"),
    ("d-thacbac", "ipv6.path.min-mtu"): ("fail", "MINIMUM_LOST"),
    ("d-caugo", "ipv6.path.min-mtu"): ("warn", "FULL_SEGMENTS_LOST"),
    ("d-bandoi", "security.snmp.default-community"): ("fail", "ACCEPTED"),
    ("d-hanggio", "tslcd.ip.plan"): ("fail", "DUPLICATE"),
    ("d-dongche", "tslcd.ip.plan"): ("fail", "DUPLICATE"),
}
"""The expected findings of planted defects."""
EXCUSED = {
    "d-dangsua": ("inconclusive", "MAINTENANCE"),
    "d-saptoi": ("not_applicable", "NOT_ACTIVATED"),
    "d-khuatnut": ("inconclusive", "IN_SHADOW"),
}
"""The expected reachability of silent communes that are down through no fault of their own."""


@pytest.fixture(scope="module")
def seen(tslcd: TslcdRehearsal, tmp_path_factory: pytest.TempPathFactory) -> Document:
    return audit(tslcd, tmp_path_factory.mktemp("one-prefix"), "--only", ",".join(CHECKS))


def test_all_communes_are_in_one_prefix() -> None:
    (prefix,) = (ip_network(text) for text in PREFIXES if ":" in text)
    assert prefix.prefixlen == 48
    assert all(ip_address(registered(commune)[1]) in prefix for commune in COMMUNES)


def test_everything_planted_is_found_and_nobody_else_accused(seen: Document) -> None:
    pairs_by_id = {(one["subject"], one["check"]): (one["outcome"], one["code"]) for one in only(seen, "fail", "warn")}
    assert pairs_by_id == PLANTED


def test_what_is_down_for_a_reason_of_its_own_is_said_to_be_so(seen: Document) -> None:
    said = {
        one["subject"]: (one["outcome"], one["code"])
        for one in seen["findings"]
        if one["check"] == "tslcd.site.reach" and one["subject"] in EXCUSED
    }
    assert said == EXCUSED
    (shadow,) = (one for one in seen["findings"] if one["code"] == "IN_SHADOW" and one["check"] == "tslcd.site.reach")
    assert shadow["args"]["nodes"] == [DEAD_NODE]


def test_nothing_of_a_commune_is_left_open_for_our_own_way_out(seen: Document) -> None:
    left = [one for one in only(seen, "inconclusive") if one["reason"] == "U-EGR" and one["code"] != "IN_SHADOW"]
    assert brief(left) == []
