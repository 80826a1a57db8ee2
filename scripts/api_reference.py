"""The reference of the interface for programs, written from its OpenAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.service.web.api.all_operations import operations
from auditor.service.web.api.openapi import document
from auditor.texts.translate import Texts

NOTE = "<!-- Written by scripts/reference; do not edit. -->"
Schema = Mapping[str, Any]


def api_page() -> str:
    said, vietnamese = document(operations(), Texts("en")), document(operations(), Texts("vi"))
    lines = [NOTE, "", "# Interface for programs", "", said["info"]["description"], ""]
    lines += [
        "The same as an OpenAPI 3.1 document: `/api/v1/openapi.json`."
        " How to use it: [how-to](../howto/administrator.md#use-the-interface-for-programs)."
    ]
    for path, methods in said["paths"].items():
        for method, one in methods.items():
            lines += _operation(method, path, one, vietnamese["paths"][path][method]["summary"])
    lines += ["", "## Bodies and answers"]
    for name, schema in said["components"]["schemas"].items():
        if not name.endswith("Query") and schema.get("properties"):
            lines += ["", f"### {name}", "", *_fields(schema)]
    return "\n".join(lines) + "\n"


def _operation(method: str, path: str, one: Schema, vietnamese: str) -> Iterator[str]:
    yield from ("", f"## `{method.upper()} {path}`", "", f"{one['summary']}. ({vietnamese}.)")
    if "description" in one:
        yield from ("", one["description"])
    rows = [
        f"| `{each['name']}` | {each['in']} | {'yes' if each['required'] else 'no'} | {_type(each['schema'])} |"
        for each in one.get("parameters", ())
    ]
    if rows:
        yield from ("", "| parameter | in | required | value |", "|---|---|---|---|", *rows)
    body = one.get("requestBody")
    if body is not None:
        yield from ("", f"Body: {_content(body['content'])}.")
    answers = ", ".join(
        f"{status} {_content(each.get('content', {}))}".strip() for status, each in one["responses"].items()
    )
    yield from ("", f"Answers: {answers}.")


def _content(content: Schema) -> str:
    return ", ".join(_type(one["schema"]) or media for media, one in content.items())


def _fields(schema: Schema) -> Iterator[str]:
    required = schema.get("required", ())
    yield from ("| field | always | value |", "|---|---|---|")
    for name, one in schema["properties"].items():
        yield f"| `{name}` | {'yes' if name in required else 'no'} | {_type(one)} |"


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"`{name}`"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])}"
    return f"{schema.get('format') or schema.get('type', '')}{_bounds(schema)}"


def _bounds(schema: Schema) -> str:
    known = {"minimum": "from {}", "maximum": "to {}", "maxLength": "at most {} letters", "default": "else `{}`"}
    said = [text.format(schema[name]) for name, text in known.items() if schema.get(name) not in (None, "")]
    return f" ({', '.join(said)})" if said else ""
