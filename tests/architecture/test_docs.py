"""The documents are true: generated parts are current, commands and links exist, examples are accepted."""

import ast
import importlib
import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
import typer
from typer.main import get_command

from auditor.framework import catalogue, check, policy
from auditor.framework.findings import Reason
from auditor.framework.operator_problems import OperatorProblem
from auditor.framework.waivers import read_waivers
from auditor.regulations.loading import shipped
from auditor.service.cli.app import app
from auditor.service.cli.main import hoisted
from auditor.service.config.loading import load
from auditor.service.runs.declaring import read_declared
from containers.rehearsal.__main__ import _parser as rehearsal_parser
from inventory.loader import load_with_warnings
from probes.framework import registry
from probes.framework.registry import load as load_probes
from reports.registry import FORMATS
from scripts.reference_pages import documents
from tests.architecture.documents import Block, Command, blocks, commands, pages
from tests.architecture.tree import ROOT

ELSEWHERE = frozenset({"openssl", "cd", "curl", "export", "printf", "sha256sum", "ssh-keygen", "sudo"})
"""First words that are neither ours nor worth a test."""
PYTHON = (".venv/bin/python", "-m", "containers.rehearsal")
HOW_TO = Path("docs/howto")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
TABLES = ("inventory.csv", "waivers.csv", "declared.csv")
BLOCKS = frozenset(
    {"", "console", "sh", "python", "toml auditor.toml", "toml policy.toml", *(f"csv {t}" for t in TABLES)}
)


def _id(one: Block | Command) -> str:
    return one.where


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        *(f"docs/reference/{page}.md" for page in ("checks", "probes", "reasons", "cli", "api", "inventory")),
    ],
)
def test_generated_parts_are_current(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == documents()[path], "run scripts/reference"


def test_there_are_documents() -> None:
    names = {page.as_posix() for page in pages()}
    assert names >= {"README.md", "CHANGELOG.md", "docs/tutorial.md", "docs/howto/README.md", "docs/explanation.md"}
    assert len(list(commands())) > 25


@pytest.mark.parametrize("command", list(commands()), ids=_id)
def test_every_command_exists(command: Command) -> None:
    words = command.words
    if words[0] == "./auditor.sh" and words[1:] in (["run"], ["demo"], ["test"]):
        return
    if words[0] in ("auditor", "./auditor.sh"):
        _parse(words[1:])
    elif tuple(words[:3]) == PYTHON:
        rehearsal_parser().parse_args(words[3:])
    elif "/" in words[0]:
        assert os.access(ROOT / words[0], os.X_OK)
    else:
        assert words[0] in ELSEWHERE


def _parse(arguments: list[str]) -> None:
    """Check that the commands, options and arguments exist, without running them; also names of checks and probes."""
    group = get_command(app)
    context = group.make_context("auditor", hoisted(arguments))
    rest = [*context._protected_args, *context.args]
    while rest:
        command = getattr(context.command, "commands")[rest[0]]  # noqa: B009  # groups only, which typer keeps private
        context = command.make_context(rest[0], rest[1:], parent=context)
        rest = [*context._protected_args, *context.args]
    given = context.params
    known = catalogue.load()
    known.select(given.get("only") or (), given.get("skip") or ())
    if "check" in given:
        known.find(given["check"])
    if context.info_name == "probe":
        known.find_probe(given["name"])
    formats = given.get("format") or ()
    words = [formats] if isinstance(formats, str) else formats
    assert {word.partition("=")[0] for word in words} <= set(FORMATS)


def test_the_parsing_sees_what_does_not_exist() -> None:
    for arguments in (["check", "--frob"], ["audit"]):
        with pytest.raises(typer.TyperException):
            _parse(arguments)
    with pytest.raises(KeyError):
        _parse(["frob"])
    with pytest.raises(catalogue.UnknownName):
        _parse(["check", "example.vn", "--only", "ipv6.frob"])


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    assert [f"{block.where} {block.info}" for block in blocks() if block.info not in BLOCKS] == []


@pytest.mark.parametrize("block", [b for b in blocks() if b.info.endswith((".toml", ".csv"))], ids=_id)
def test_every_example_is_accepted(block: Block, tmp_path: Path) -> None:
    path = tmp_path / block.info.split()[1]
    path.write_text(block.text, encoding="utf-8")
    _READERS[path.name](path)


def _configuration(path: Path) -> None:
    load(explicit=path, environment={}, options={}, directories=())


def _policy(path: Path) -> None:
    made = policy.overlay(policy.default(), path.read_text("utf-8"), source="", known=catalogue.load().checks)
    assert made.digest() != policy.default().digest()


def _inventory(path: Path) -> None:
    assert load_with_warnings([path]).warnings == ()


def _waivers(path: Path) -> None:
    problems: list[OperatorProblem] = []
    assert read_waivers(path.read_bytes(), path.name, catalogue.load().checks, problems)
    assert problems == []


def _declared(path: Path) -> None:
    assert read_declared([path], shipped())


_READERS: dict[str, Callable[[Path], None]] = {
    "auditor.toml": _configuration,
    "policy.toml": _policy,
    "inventory.csv": _inventory,
    "waivers.csv": _waivers,
    "declared.csv": _declared,
}


@pytest.mark.parametrize("block", [b for b in blocks() if b.info == "python"], ids=_id)
def test_every_python_example_uses_what_exists(block: Block) -> None:
    tree = ast.parse(block.text)
    compile(tree, block.where, "exec")
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [(node.module or "", alias.name) for node in imported for alias in node.names]
    assert names
    assert [f"{module}.{name}" for module, name in names if not hasattr(importlib.import_module(module), name)] == []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        _assert_keywords_exist(call, {name: module for module, name in names})


@pytest.mark.parametrize("block", [b for b in blocks() if b.info == "python"], ids=_id)
def test_every_python_example_runs(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_CHECKS", {})
    monkeypatch.setattr(registry, "_PROBES", {})
    exec(compile(block.text, block.where, "exec"), {"__name__": "auditor.checks.ipv6.web.example"})


def _assert_keywords_exist(call: ast.Call, modules: dict[str, str]) -> None:
    if isinstance(call.func, ast.Name) and call.func.id in modules:
        made = getattr(importlib.import_module(modules[call.func.id]), call.func.id)
        assert {keyword.arg for keyword in call.keywords} - _accepted(made) == set(), call.func.id


def _accepted(made: Callable[..., object]) -> set[str]:
    """Return the keywords of a callable, also those that a TypedDict lists for it."""
    found = inspect.signature(made).parameters.values()
    listed = [get_args(each.annotation)[0] for each in found if each.kind is each.VAR_KEYWORD]
    return {each.name for each in found} | {key for keys in listed for key in keys.__annotations__}


@pytest.mark.parametrize("page", list(pages()), ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [t.partition("#")[0] for t in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in t]
    assert [t for t in targets if t and not (ROOT / page).parent.joinpath(t).exists()] == []


@pytest.mark.parametrize("page", list(pages()), ids=str)
def test_every_link_to_a_heading_meets_one(page: Path) -> None:
    prose = FENCED.sub("", (ROOT / page).read_text(encoding="utf-8"))
    links = [t.partition("#") for t in re.findall(r"\]\(([^)\s]+)\)", prose) if "#" in t and "://" not in t]
    lost = [
        f"{path}#{anchor}"
        for path, _, anchor in links
        if path.endswith(".md") or not path
        if anchor not in _anchors((ROOT / page).parent / path if path else ROOT / page)
    ]
    assert lost == []


def test_the_index_of_how_to_names_every_task() -> None:
    index = re.findall(r"\]\((\w+)\.md#([^)\s]+)\)", (ROOT / HOW_TO / "README.md").read_text(encoding="utf-8"))
    written = [(name, anchor) for name in dict(index) for anchor in _tasks(ROOT / HOW_TO / f"{name}.md")]
    assert index == written


def _tasks(page: Path) -> list[str]:
    """Return the anchors of its second-level headings, in their order."""
    return [_anchor(title) for title in re.findall(r"^## (.+)$", FENCED.sub("", page.read_text("utf-8")), re.MULTILINE)]


def _anchors(page: Path) -> set[str]:
    prose = FENCED.sub("", page.read_text(encoding="utf-8"))
    named = set(re.findall(r'<a id="([^"]+)">', prose))
    return named | {_anchor(title) for title in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)}


def _anchor(title: str) -> str:
    """Return GitHub's anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", list(pages()), ids=str)
def test_every_row_of_a_table_is_whole(page: Path) -> None:
    """A row that is broken over two lines would end the table."""
    prose = FENCED.sub("", (ROOT / page).read_text(encoding="utf-8"))
    assert [line for line in prose.splitlines() if line.startswith("|") and not line.rstrip().endswith("|")] == []


@pytest.mark.parametrize("page", [p for p in pages() if p.parts[:2] != ("docs", "reference")], ids=str)
def test_every_path_that_is_named_exists(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:auditor|probes|inventory|reports|containers|tests|scripts|docs)/[\w./-]*)`", text)
    missing = [path for path in named if not (ROOT / path).exists() and "example" not in path]
    assert missing == []


def test_readme_fits_on_a_few_screens() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_reference_names_every_reason_and_probe() -> None:
    reasons, probes = (
        (ROOT / f"docs/reference/{page}.md").read_text(encoding="utf-8") for page in ("reasons", "probes")
    )
    assert [reason.value for reason in Reason if f"`{reason.value}`" not in reasons] == []
    assert [probe for probe in load_probes() if f"`{probe}`" not in probes] == []


def test_documents_are_lean() -> None:
    long = [
        f"{page}:{number}"
        for page in pages()
        for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 132 and not line.startswith("|") and page.parts[:2] != ("docs", "reference")
    ]
    assert long == []
