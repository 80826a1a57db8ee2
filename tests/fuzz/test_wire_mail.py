"""DMARC and DKIM records of arbitrary text: walks end, and nothing is raised but what is declared."""

import base64
import contextlib

from hypothesis import given
from hypothesis import strategies as st

from probes.wire import dkim, dmarc
from probes.wire.taglist import NotATagList, parse

PIECE = st.sampled_from(
    ["v=DMARC1", "p=reject", "p=", "sp=none", "psd=y", "psd=n", "t=y", "rua=mailto:a@b.vn", "v=DKIM1"]
)
TEXT = st.lists(PIECE | st.text(max_size=8), max_size=6).map(";".join)
ANSWER = st.none() | st.lists(TEXT.map(lambda text: f'"{text}"') | st.text(max_size=9), max_size=3).map(tuple)
NAMES = st.sampled_from(["a.vn", "x.y.z.vn", "vn", "", "..", ".".join("abcdefghijkl")])


@given(NAMES, st.lists(ANSWER, min_size=1, max_size=9))
def test_every_discovery_ends(name: str, answers: list[tuple[str, ...] | None]) -> None:
    walk, asked = dmarc.evaluate(name), 0
    found = dmarc.Dmarc()
    try:
        next(walk)
        while True:
            assert asked < 60
            walk.send(answers[asked % len(answers)])
            asked += 1
    except StopIteration as end:
        found = end.value
    assert (found.record is None) <= (found.problem is not None)


@given(TEXT | st.binary(max_size=90).map(lambda data: "p=" + base64.b64encode(b"0" + data).decode()))
def test_keys(text: str) -> None:
    dkim.is_key_record(text)
    with contextlib.suppress(dkim.NotAKey):
        assert dkim.read(text).bits >= 0
    with contextlib.suppress(NotATagList):
        assert all(name for name in parse(text))
