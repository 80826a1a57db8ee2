"""Tests that help is in the requested language, including defaults of options."""

import subprocess
import sys

import pytest

from auditor.service.cli.usage import usage_error
from tests.architecture.tree import ROOT


@pytest.mark.parametrize(("lang", "word"), [("en", "default"), ("vi", "mặc định")])
def test_options_of_a_command_show_a_default_in_the_language(lang: str, word: str) -> None:
    """Help is tested in a separate process, as the texts of commands are read when they are declared."""
    command = [sys.executable, "-P", "-m", "auditor", "--lang", lang, "log", "show", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert f"[{word}: 50; 1<=x<=100000]" in done.stdout, done.stderr
    assert ("default" in done.stdout) == (lang == "en")


@pytest.mark.parametrize(("lang", "word"), [("en", "[required]"), ("vi", "[bắt buộc]")])
def test_option_that_is_required_says_so_in_the_language(lang: str, word: str) -> None:
    command = [sys.executable, "-P", "-m", "auditor", "--lang", lang, "declare", "forms", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert word in done.stdout, done.stderr
    assert ("required" in done.stdout) == (lang == "en")


def test_usage_error_about_a_path_is_in_our_own_words() -> None:
    said = "Invalid value for '--config': path 'a.toml' is not readable."
    assert usage_error(said, ValueError(), None) == "--config: cannot read a.toml"
