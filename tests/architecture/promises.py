"""Lists surfaces promised by docs/compatibility.md; ``python -m tests.architecture.promises`` records new words.

What is recorded is taken out by hand alone, with a new major version.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.architecture.tree import ROOT

RECORD = ROOT / "tests" / "architecture" / "promises.json"


def promises() -> dict[str, list[str]]:
    """Return the words of each surface, sorted."""
    return {
        "commands": sorted(commands()),
        "interface for programs": sorted(operations()),
        "result": sorted(set(result_keys())),
    }


def commands() -> Iterator[str]:
    """Yield each command, and each command with each of its options."""
    from typer.main import get_command

    from auditor.service.cli.app import app

    waiting: list[tuple[str, Any]] = [("auditor", get_command(app))]
    while waiting:
        name, command = waiting.pop()
        yield name
        yield from (f"{name} {option}" for parameter in command.params for option in parameter.opts if option[0] == "-")
        waiting += [(f"{name} {below}", inner) for below, inner in getattr(command, "commands", {}).items()]


def operations() -> Iterator[str]:
    """Yield each operation with its parameters and statuses, and each field of requests and answers."""
    from auditor.service.web.api.all_operations import operations as declared
    from auditor.service.web.api.openapi import document
    from auditor.texts.translate import Texts

    described = document(declared(), Texts("en"))
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}"
            yield from (f"{method.upper()} {path} ?{each['name']}" for each in operation.get("parameters", ()))
            yield from (f"{method.upper()} {path} {status}" for status in operation["responses"])
    for name, schema in described["components"]["schemas"].items():
        yield from (f"{name}.{field}" for field in schema.get("properties", ()))


def result_keys() -> Iterator[str]:
    """Yield the path of each key of a result; ``[]`` is an item, ``!`` marks required keys."""
    schema = json.loads((ROOT / "reports" / "result.schema.json").read_text("utf-8"))
    yield from _keys(schema, schema, "", ())


def _keys(schema: Mapping[str, Any], whole: Mapping[str, Any], path: str, seen: tuple[str, ...]) -> Iterator[str]:
    name = schema.get("$ref", "")
    if name:
        if name in seen:
            return
        found = whole
        for part in name.removeprefix("#/").split("/"):
            found = found[part]
        yield from _keys(found, whole, path, (*seen, name))
    for key, inner in schema.get("properties", {}).items():
        yield f"{path}.{key}"
        if key in schema.get("required", ()):
            yield f"{path}.{key}!"
        yield from _keys(inner, whole, f"{path}.{key}", seen)
    if isinstance(schema.get("items"), dict):
        yield from _keys(schema["items"], whole, f"{path}[]", seen)
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _keys(one, whole, path, seen)


def recorded() -> dict[str, list[str]]:
    """Return the recorded promises."""
    kept: dict[str, list[str]] = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    return kept


def main() -> None:
    """Add new words to the record."""
    before = recorded()
    merged = {name: sorted({*words, *before.get(name, ())}) for name, words in promises().items()}
    RECORD.write_text(json.dumps(merged, ensure_ascii=False, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
