"""The ages of the copies of IANA's registries as the script tells them."""

import runpy
from datetime import date

from inventory import special_ranges
from probes.wire.tls import registered_suites
from tests.architecture.tree import ROOT

LINES = runpy.run_path(str(ROOT / "scripts/registry_ages.py"))["lines"]


def test_registry_ages_of_a_later_day_names_source_day_and_age() -> None:
    suites, addresses = LINES(date(2027, 1, 1))
    day = (date(2027, 1, 1) - date.fromisoformat(registered_suites.RELEASED)).days
    assert suites == (
        f"cipher suites of TLS ({registered_suites.SOURCE}): of {registered_suites.RELEASED}, {day} days old"
    )
    assert special_ranges.RETRIEVED in addresses


def test_registry_ages_of_old_copies_name_the_scripts_that_renew_them() -> None:
    assert [line.rpartition(" ")[2] for line in LINES(date(2099, 1, 1)) if "old: see" in line] == [
        "scripts/cipher_suites.py",
        "scripts/special_ranges.py",
    ]
