"""DMARC and DKIM records of arbitrary text: walks end, and only declared errors are raised."""

import base64
import contextlib

from hypothesis import given
from hypothesis import strategies as st

from probes.wire.dns import tlsa
from probes.wire.mail import dkim, dmarc, misspelt, mta_sts
from probes.wire.mail.spf.asker import unknown_senders
from probes.wire.mail.spf.walk import evaluate
from probes.wire.mail.taglist import NotATagList, parse

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


LINES = st.lists(st.sampled_from(["version: STSv1", "mode: enforce", "mx: *.a.vn", "max_age: 1"]) | st.text(max_size=9))


@given(LINES.map(lambda lines: "\n".join(lines).encode()) | st.binary(max_size=60), TEXT, st.text(max_size=40))
def test_policies(body: bytes, text: str, record: str) -> None:
    with contextlib.suppress(mta_sts.NotAPolicy):
        assert mta_sts.read(body).covers("x.a.vn") in {True, False}
    with contextlib.suppress(mta_sts.NotAPolicy):
        mta_sts.identity(text)
    mta_sts.reports_to((f'"{text}"',))
    found = tlsa.read(record)
    assert found is None or found.usable in {True, False}


@given(TEXT | st.text(max_size=60) | st.sampled_from(["v=spf1", "v=DMARC1", '"v=spf'] * 2).map(lambda text: text * 500))
def test_records_that_were_only_meant(text: str) -> None:
    assert misspelt.dmarc_slip(text) in {None, *misspelt.Slip}
    assert misspelt.spf_slip(text) in {None, *misspelt.Slip}
    assert len(misspelt.shown(text)) <= 121
    granted = evaluate("a.vn", unknown_senders("a.vn")[0])
    next(granted)
    with contextlib.suppress(StopIteration):
        granted.send((f'"{text}"',))
