"""Collects all operations of the API as routes of the service, and describes them in the OpenAPI document."""

import json
from functools import lru_cache

from aiohttp import web

from auditor.service.web.api import (
    causes,
    frameworks,
    inventories,
    jobs,
    leases,
    periods,
    problem_list,
    results,
    service_info,
    subjects,
)
from auditor.service.web.api.openapi import DESCRIPTION, document
from auditor.service.web.api.operation import JSON, Operation
from auditor.service.web.api.problems import asked_language
from auditor.service.web.api.serving import served
from auditor.service.web.rendering.render import texts_in
from auditor.service.web.routes import Route
from auditor.service.web.site import site_of
from auditor.texts.translate import LANGUAGES


def operations() -> tuple[Operation, ...]:
    tables = (
        service_info.operations,
        results.operations,
        problem_list.operations,
        causes.operations,
        frameworks.operations,
        periods.operations,
        subjects.operations,
        jobs.operations,
        inventories.operations,
        leases.operations,
    )
    return tuple(operation for table in tables for operation in table.all)


def routes() -> tuple[Route, ...]:
    described = Route(method="GET", path=DESCRIPTION, role=None, handler=describe)
    return (described, *(_route(operation) for operation in operations()))


def _route(operation: Operation) -> Route:
    return Route(
        method=operation.method,
        path=operation.path,
        role=operation.role,
        handler=served(operation),
        operation=operation,
    )


async def describe(request: web.Request) -> web.StreamResponse:
    """Serve the OpenAPI document to everybody; it tells no more than the program's own source."""
    lang = asked_language(request, site_of(request).config.lang)
    return web.Response(body=_written(lang), content_type=JSON, headers={"Vary": "Accept-Language"})


@lru_cache(maxsize=len(LANGUAGES))
def _written(lang: str) -> bytes:
    return json.dumps(document(operations(), texts_in(lang)), ensure_ascii=False, indent=1).encode()
