"""The tests of a module are found by its name: ``tests/unit/<its folder>/test_<its name>.py``.

What holds across modules is in ``tests/unit/across_modules``. What other modules are tested by (golden cases, real
daemons, the tests of a module that uses them) is not found by name; their number only becomes smaller.
"""

from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES
from tests.architecture.unit_tests import ACROSS, UNIT, by_package, place_of_tests, places, unit_tests, without_tests

MOST = {"auditor": 288, "probes": 177, "inventory": 31, "reports": 25}
"""Modules without tests of their name: ``python -m tests.architecture.unit_tests`` prints them."""


@pytest.mark.parametrize(
    ("module", "tests"),
    [
        ("probes/wire/path/ntp.py", "probes/wire/path/test_ntp.py"),
        ("probes/wire/mail/spf/walk.py", "probes/wire/mail/spf/test_walk.py"),
        ("probes/wire/mail/spf/__init__.py", "probes/wire/mail/test_spf.py"),
    ],
)
def test_tests_of_a_module_are_at_its_path(module: str, tests: str) -> None:
    assert place_of_tests(Path(module)) == UNIT / tests


def test_unit_tests_name_the_module_that_they_test() -> None:
    wrong = {path for path in unit_tests() - places() if path.parent != ACROSS}
    assert wrong == set(), "name them after a module, or move what holds across modules to tests/unit/across_modules"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_more_modules_are_without_tests_of_their_name(package: str) -> None:
    assert by_package(without_tests())[package] <= MOST[package], "give each new module tests of its name"
