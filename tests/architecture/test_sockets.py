"""Only the helper opens raw sockets: a process with one can send any packet from any source, whatever it gave up."""

import re

from tests.architecture.tree import PACKAGES, ROOT, python_files

_RAW = re.compile(r"\b(SOCK_RAW|AF_PACKET|IPPROTO_RAW|IPV?6?_?HDRINCL|SOCK_PACKET|AF_XDP)\b")
HELPER = ("probes", "rawpkt")


def test_only_the_helper_opens_raw_sockets() -> None:
    found = {
        str(path)
        for path in python_files(*PACKAGES)
        if path.parts[:2] != HELPER and _RAW.search((ROOT / path).read_text("utf-8"))
    }
    assert found == set()


def test_what_is_searched_for_is_what_the_helper_uses() -> None:
    assert _RAW.search((ROOT / "probes" / "rawpkt" / "sockets.py").read_text("utf-8"))


def test_the_helper_hands_over_nothing_but_sockets_for_echo() -> None:
    text = "\n".join((ROOT / path).read_text("utf-8") for path in python_files("probes") if path.parts[:2] == HELPER)
    assert re.findall(r"send_fds\(caller, \[line\], \[socket\.fileno\(\) for socket in given", text)
    assert len(re.findall(r"send_fds\(|sendmsg\(", text)) == 1
    assert re.findall(r"given\[version\] = sockets\.(\w+)\(", text) == ["ping"]
