"""Builds the OpenAPI 3.1 document from the operations and models that serve the requests."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from auditor.service.pipeline.version import program_version
from auditor.service.web.api.operation import JSON, ROOT, Operation
from auditor.service.web.api.problems import PROBLEM, Problem
from auditor.service.web.downloads.downloads import DOWNLOADS, LETTER, LETTERS
from auditor.service.web.words.lookup import say
from auditor.texts.translate import Texts

REFERENCE = "#/components/schemas/{model}"
DESCRIPTION = f"{ROOT}/openapi.json"
_ALWAYS = (400, 401, 403)
Document = dict[str, Any]


def document(operations: Sequence[Operation], texts: Texts) -> Document:
    """Build the whole document, with summaries in the language of ``texts``."""
    schemas = _schemas(operations)
    paths: dict[str, Document] = {DESCRIPTION: {"get": _of_itself(texts)}}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas, texts)
    return {
        "openapi": "3.1.0",
        "info": {"title": say(texts, "product"), "version": program_version(), "description": say(texts, "api_intro")},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": name} for name in dict.fromkeys(operation.tag for operation in operations)],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": say(texts, "api_token")}},
        },
    }


def _schemas(operations: Sequence[Operation]) -> Document:
    wanted: dict[type[BaseModel], JsonSchemaMode] = {Problem: "serialization"}
    for operation in operations:
        for model in (operation.query, operation.body):
            wanted |= {} if model is None else {model: "validation"}
        wanted |= {} if operation.answer is None else {operation.answer: "serialization"}
    _, found = models_json_schema(list(wanted.items()), ref_template=REFERENCE)
    return dict(sorted(found["$defs"].items()))


def _operation(one: Operation, schemas: Document, texts: Texts) -> Document:
    made: Document = {
        "operationId": one.name,
        "tags": [one.tag],
        "summary": say(texts, f"api_{one.name}"),
        "description": say(texts, "api_needs", scope=one.scope.value, role=say(texts, f"role_{one.role.value}")),
        "parameters": [*_path_parameters(one.path), *_query_parameters(schemas[one.query.__name__])],
        "responses": _responses(one, texts),
    }
    if one.body is not None:
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": _reference(one.body)}}}
    if one.upload:
        binary = {"type": "string", "format": "binary"}
        made["requestBody"] = {"required": True, "content": {one.upload: {"schema": binary}}}
    return made


def _path_parameters(path: str) -> list[Document]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    whole = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
    special = {
        "format": {"type": "string", "enum": [*DOWNLOADS, LETTERS]},
        "file": {"type": "string", "enum": [*DOWNLOADS, LETTER]},
        "job": whole,
        "waiver": whole,
    }
    return [
        {"name": name, "in": "path", "required": True, "schema": special.get(name, {"type": "string", "minLength": 1})}
        for name in names
    ]


def _query_parameters(schema: Mapping[str, Any]) -> list[Document]:
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(one)}
        for name, one in schema.get("properties", {}).items()
    ]


def _without_null(schema: Mapping[str, Any]) -> Document:
    """Return the schema of a query field without null: a query has none, and such a field may be left out."""
    kept = {key: value for key, value in schema.items() if key not in ("title", "anyOf", "default")}
    if schema.get("default") is not None:
        kept["default"] = schema["default"]
    for one in schema.get("anyOf", ()):
        kept |= one if one.get("type") != "null" else {}
    return kept


def _responses(one: Operation, texts: Texts) -> Document:
    good: Document = {"description": say(texts, "api_good")}
    if one.answer is not None:
        good["content"] = {JSON: {"schema": _reference(one.answer)}}
    else:
        good["content"] = {media: {"schema": {}} for media in one.media}
    found = {str(one.status): good}
    if one.cached:
        good["headers"] = {"ETag": {"schema": {"type": "string"}}}
        found["304"] = {"description": say(texts, "api_unchanged")}
    if one.may_be_empty:
        found["204"] = {"description": say(texts, "api_nothing")}
    statuses = {*_ALWAYS, *one.refusals, *((413, 415, 422) if one.body is not None or one.upload else ())}
    return found | {str(status): _refusal(texts) for status in sorted(statuses)}


def _refusal(texts: Texts) -> Document:
    return {"description": say(texts, "api_refused"), "content": {PROBLEM: {"schema": _reference(Problem)}}}


def _of_itself(texts: Texts) -> Document:
    return {
        "operationId": "openapi",
        "tags": ["service"],
        "summary": say(texts, "api_openapi"),
        "security": [],
        "responses": {
            "200": {"description": say(texts, "api_good"), "content": {JSON: {"schema": {"type": "object"}}}}
        },
    }


def _reference(model: type[BaseModel]) -> Document:
    return {"$ref": REFERENCE.format(model=model.__name__)}
