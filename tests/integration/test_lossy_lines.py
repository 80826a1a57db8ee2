"""Tests that on a lossy line only the loss itself is reported.

One packet of ten is lost at random on the way to every subject below the core, in both directions: a result that
differs from that over a line without loss is due to chance.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from containers.rehearsal.expected import subjects
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.province import PROVINCE
from tests.support import audits
from tests.support.audits import Document, auditor, brief, only
from tests.support.province_audit import WORDS

pytest_plugins = ("tests.support.rehearsal",)

NAMES = {
    *("khcn.sonlam.gov.vn", "nongnghiep.sonlam.gov.vn", "giaoduc.sonlam.gov.vn", "camket.sonlam.gov.vn"),
    *("chukyso.sonlam.gov.vn", "giaothong.sonlam.gov.vn", "thongke.sonlam.gov.vn", "sonlam.gov.vn"),
    *("duongbo.sonlam.gov.vn", "thu-yte.sonlam.gov.vn", "phangiai1.sonlam.gov.vn", "may-dem"),
}
"""Sites, zones, a mail host, a resolver and a device without path defects."""
BELOW = ("edge", "hill")
"""The routers on the way to all of these subjects, but not to the vantage's controls."""
OF_LOSS = {"ipv6.path.echo", "ipv6.path.loss-rtt-parity", "ipv6.path.large-transfer", "ipv6.web.latency-parity"}
"""Checks that report loss on a line, or its latency."""
ROUTERS = "ipv6.path.time-exceeded"
"""The check of ICMP errors: routers limit their rate, so one of few is lost more easily than of many packets."""


@contextmanager
def losing(lab: Rehearsal, percent: int) -> Iterator[None]:
    """Drop this percentage of packets at random; fail if none was dropped."""
    rule = f"  type filter hook forward priority -10;\n  numgen random mod 100 < {percent} counter drop\n"
    text = f"table inet losing {{\n chain forward {{\n{rule} }}\n}}\n"
    for router in BELOW:
        assert lab.run(["nft", "-f", "-"], router, input=text).returncode == 0
    try:
        yield
        counted = lab.run(["nft", "list", "table", "inet", "losing"], BELOW[0]).stdout
        assert re.search(r"counter packets [1-9]\d\d", counted), counted
    finally:
        for router in BELOW:
            lab.run(["nft", "delete", "table", "inet", "losing"], router)


def _audit(lab: Rehearsal, folder: Path) -> Document:
    folder.mkdir()
    lab.forget()
    rows = audits.inventory(lab, folder / "inventory.csv", NAMES)
    store = f"sqlite:///{folder / 'runs.db'}"
    said = auditor(lab, "audit", rows, *WORDS, "--store", store, "--format", f"json={folder / 'result.json'}")
    assert "Traceback" not in said.err
    return audits.read(folder / "result.json")


def test_where_lines_lose_packets_nobody_is_accused_of_more(lab: Rehearsal, tmp_path: Path) -> None:
    whole = _audit(lab, tmp_path / "whole")
    with losing(lab, 10):
        lossy = _audit(lab, tmp_path / "lossy")
    known = {(one["subject"], one["check"]) for one in only(whole, "fail", "warn")} | audits.hurried(whole)
    known |= {(name, check) for name, subject in subjects(PROVINCE) for check in subject.expected}
    accused = [one for one in only(lossy, "fail", "warn") if (one["subject"], one["check"]) not in known]
    assert brief([one for one in accused if one["check"] not in OF_LOSS | {ROUTERS}]) == []
