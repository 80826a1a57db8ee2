"""Locates the unit tests of a module. Run as a module, prints the modules without tests of their name."""

from collections import Counter
from pathlib import Path

from tests.architecture.tree import PACKAGES, files, python_files

UNIT = Path("tests", "unit")
ACROSS = UNIT / "across_modules"
_CHECKS = ("auditor", "checks")


def place_of_tests(path: Path) -> Path:
    """Return the place of the tests of a module; the tests of a package are beside its folder."""
    named = path.parent if path.name == "__init__.py" else path.with_suffix("")
    return UNIT / named.parent / f"test_{named.name}.py"


def places() -> set[Path]:
    """Return the places where tests may be: for modules of the product, the rehearsal, scripts and test helpers."""
    helpers = (path.relative_to("tests") for path in python_files("tests") if path.parts[1] == "support")
    return {place_of_tests(path) for path in (*python_files(*PACKAGES, "containers", "scripts"), *helpers)}


def unit_tests() -> set[Path]:
    return {path for path in files() if path.is_relative_to(UNIT) and path.match("test_*.py")}


def without_tests() -> list[Path]:
    """Return the modules without tests; a check's tests are its golden cases, a migration's those of all migrations."""
    ours = (path for path in python_files(*PACKAGES) if path.name not in ("__init__.py", "__main__.py"))
    known = unit_tests()
    tested = (path for path in ours if path.parts[:2] != _CHECKS and "migrations" not in path.parts)
    return [path for path in tested if place_of_tests(path) not in known]


def by_package(paths: list[Path]) -> Counter[str]:
    return Counter(path.parts[0] for path in paths)


if __name__ == "__main__":
    for module in without_tests():
        print(module)
