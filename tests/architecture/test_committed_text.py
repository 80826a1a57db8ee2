"""Committed files name no host of a package registry or mirror, and no folder of a developer's machine."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import ROOT, files

# Spelt with brackets so that this file does not name what it looks for; before each, in small letters, what all
# that it finds has in it: where that is not in a file, the pattern is not tried at each of millions of bytes.
_PATTERNS = {
    b"pi.org": rb"\bpy[p]i[.]org",
    b"hosted.org": rb"pythonhoste[d][.]org",
    b"npmj": rb"\bnpmj[s][.](org|com)",
    b"kg.com": rb"yarnpk[g][.]com",
    b".debian.org": rb"\bde[b][.]debian[.]org|security[.]debia[n][.]org|ft[p][.]\w+[.]debian[.]org",
    b"e.ubuntu": rb"archiv[e][.]ubuntu",
    b"s.io": rb"crate[s][.]io",
    b"y.golang": rb"prox[y][.]golang",
    b"r.io": rb"\bdocke[r][.]io|\bghc[r][.]io|\bgc[r][.]io",
    b"y.io": rb"\bqua[y][.]io",
    b"gems.org": rb"rubygem[s][.]org",
    b".maven": rb"repo1?[.]mave[n]",
    b"/wor": rb"(?<![\w.$}~-])/wor[k]/",
    b"/root/": rb"(?<![\w.$}~-])/roo[t]/[.\w]",
    b"/home/": rb"(?<![\w.$}~-])/hom[e]/\w+/[.\w]",
    b"/wheels": rb"(?<![\w.$}~-])/op[t]/wheels",
}
_COMPILED = {part: re.compile(pattern, re.IGNORECASE) for part, pattern in _PATTERNS.items()}


def _found(text: bytes) -> Iterator[str]:
    small = text.lower()
    for part, pattern in _COMPILED.items():
        if part in small:
            yield from (match.group().decode("ascii", "replace") for match in pattern.finditer(text))


def test_no_registry_host_and_no_machine_path() -> None:
    found = [f"{path}: {name}" for path in files() for name in _found((ROOT / path).read_bytes())]
    assert found == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("https://py" + "pi.org/simple", True),
        ("https://files.PYTHONHOSTE" + "D.org/packages", True),
        ("registry.npmj" + "s.org", True),
        ("registry.yarnpk" + "g.com", True),
        ("http://de" + "b.debian.org/debian", True),
        ("http://security.debia" + "n.org", True),
        ("http://ft" + "p.vn.debian.org", True),
        ("http://archiv" + "e.ubuntu.com", True),
        ("static.crate" + "s.io", True),
        ("https://prox" + "y.golang.org", True),
        ("docke" + "r.io/library/debian", True),
        ("ghc" + "r.io/x", True),
        ("qua" + "y.io/x", True),
        ("eu.gc" + "r.io/x", True),
        ("rubygem" + "s.org", True),
        ("https://repo1.mave" + "n.org", True),
        ("cd /wor" + "k/main", True),
        ("cd /roo" + "t/x", True),
        ("cd /Hom" + "e/me/x", True),
        ("/op" + "t/wheels", True),
        ("docs.python.org", False),
        ("$LAB/wor" + "k/zone", False),
        ("/network/", False),
    ],
)
def test_the_test_sees(text: str, *, seen: bool) -> None:
    assert bool(list(_found(text.encode()))) is seen
