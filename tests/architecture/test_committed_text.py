"""No committed file names a package registry's or mirror's host, or a folder of somebody's machine."""

import re

import pytest

from tests.architecture.tree import ROOT, files

# Spelt with brackets so that this file does not name what it looks for.
_HOSTS = (
    rb"\bpy[p]i[.]org",
    rb"pythonhoste[d][.]org",
    rb"\bnpmj[s][.](org|com)",
    rb"yarnpk[g][.]com",
    rb"\bde[b][.]debian[.]org",
    rb"security[.]debia[n][.]org",
    rb"ft[p][.]\w+[.]debian[.]org",
    rb"archiv[e][.]ubuntu",
    rb"crate[s][.]io",
    rb"prox[y][.]golang",
    rb"\bdocke[r][.]io",
    rb"\bghc[r][.]io",
    rb"\bqua[y][.]io",
    rb"\bgc[r][.]io",
    rb"rubygem[s][.]org",
    rb"repo1?[.]mave[n]",
)
_PLACES = (rb"(?<![\w.$}~-])/wor[k]/", rb"(?<![\w.$}~-])/(root|hom[e]/\w+)/[.\w]", rb"(?<![\w.$}~-])/op[t]/wheels")
_PATTERN = re.compile(b"|".join(_HOSTS + _PLACES), re.IGNORECASE)


def test_no_registry_host_and_no_machine_path() -> None:
    found = [
        f"{path}: {match.group().decode('ascii', 'replace')}"
        for path in files()
        for match in _PATTERN.finditer((ROOT / path).read_bytes())
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("https://py" + "pi.org/simple", True),
        ("cd /wor" + "k/main", True),
        ("docs.python.org", False),
        ("$LAB/wor" + "k/zone", False),
        ("/network/", False),
    ],
)
def test_the_test_sees(text: str, *, seen: bool) -> None:
    assert bool(_PATTERN.search(text.encode())) is seen
