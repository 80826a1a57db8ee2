"""JSON documents read piece by piece give the result of one piece, wherever a piece ends."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory import json_pieces
from inventory.dataclass_json import SerialError, from_bytes

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=30,
)


@given(_VALUES, st.sampled_from([None, 1]), st.integers(1, 40), st.booleans())
@settings(max_examples=150, deadline=None)
def test_loads_in_pieces_of_any_size_gives_the_same(value: object, indent: int | None, size: int, plain: bool) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=plain).encode("utf-8", "surrogatepass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_pieces, "WHOLE", 0)
        patch.setattr(json_pieces, "_WINDOW", size)
        try:
            wanted = json.loads(data)
        except ValueError:
            with pytest.raises(SerialError, match="not JSON"):
                from_bytes(str, data)
        else:
            assert json_pieces.loads(data) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[1 2]",
        "[,1]",
        '{"a"}',
        '{"a":}',
        '{"a":1,}',
        "{1:2}",
        '{"a":1 "b":2}',
        "[1]]",
        "1 2",
        '"a',
        "NaN",
        "[NaN]",
        '{"a":Infinity}',
        "tru",
        "\x00",
        "{]",
    ],
)
def test_from_bytes_of_no_json_is_refused_in_one_piece_and_in_many(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    with pytest.raises(SerialError, match="not JSON"):
        from_bytes(str, text.encode())
    monkeypatch.setattr(json_pieces, "WHOLE", 0)
    for size in (1, 3, 100):
        monkeypatch.setattr(json_pieces, "_WINDOW", size)
        with pytest.raises(SerialError, match="not JSON"):
            from_bytes(str, text.encode())


def test_from_bytes_of_what_is_too_deep_is_refused() -> None:
    with pytest.raises(SerialError):
        from_bytes(str, b'{"a":' * 200_000)
    with pytest.raises(SerialError):
        from_bytes(str, b"[" * 200_000)
