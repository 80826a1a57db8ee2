"""Handles every API call: checks its token, its role and its input, and writes the answer."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TypeVar, get_origin

from aiohttp import StreamReader, web
from multidict import MultiMapping
from pydantic import BaseModel, ValidationError

from auditor.service.accounts.model import TokenGrant
from auditor.service.pipeline.version import program_version
from auditor.service.web.api.operation import JSON, LARGEST_BODY, Call, EmptyModel, Operation
from auditor.service.web.api.problems import Mistake, Refused, mistakes
from auditor.service.web.routes import Handler
from auditor.service.web.site import HOLDER, run_in_thread, site_of
from reports import json_data

_BEARER = re.compile(r"Bearer ([A-Za-z0-9._~+/-]{1,200}=*)", re.IGNORECASE)
_MARKS, _MOST_MARKS = (b"[", b"{", b","), 20_000
"""The largest number of values in a body, counted without parsing: parsing millions would block all other requests.

The texts that make a body large, which are files in Base64, hold none of these marks.
"""
M = TypeVar("M", bound=BaseModel)


def served(operation: Operation) -> Handler:
    """Return the route's handler."""

    async def serve(request: web.Request) -> web.StreamResponse:
        held = await holder(request)
        if operation.scope not in held.scopes or not held.account.role.covers(operation.role):
            raise Refused(403)
        query = _query(operation.query, request.query)
        body = EmptyModel() if operation.body is None else await _body(request, operation.body, operation.largest)
        data = await _upload(request, operation) if operation.upload else b""
        _must_be_writable(request.match_info)
        made = await operation.serve(Call(request, held.account, held.scopes, query, body, held, data))
        if isinstance(made, web.StreamResponse):
            return made
        return web.Response(body=_written(made), status=operation.status, content_type=JSON)

    return serve


async def holder(request: web.Request) -> TokenGrant:
    """Return the grant of the token that was sent; 401 without a valid token, for any operation (RFC 6750 §3.1)."""
    match = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    held = None if match is None else await run_in_thread(site_of(request).accounts.token, match[1])
    if held is None:
        raise Refused(401)
    request[HOLDER] = held.account
    return held


def unchanged(call: Call[M, EmptyModel], *facts: str) -> dict[str, str]:
    """Return the ETag headers of an answer that depends only on ``facts``, the request, the account and the program.

    Raises 304 (RFC 9110 §13.1.2), before anything is computed, if the client has that answer already.
    """
    account = call.account
    said = (*facts, call.request.path_qs, account.role.value, account.agency or "", program_version())
    tag = f'W/"{hashlib.sha256(chr(0).join(said).encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if tag in (part.strip() for part in call.request.headers.get("If-None-Match", "").split(",")):
        raise web.HTTPNotModified(headers=headers)
    return headers


def answered(made: BaseModel, headers: Mapping[str, str]) -> web.Response:
    return web.Response(body=_written(made), content_type=JSON, headers=dict(headers))


def _written(made: BaseModel) -> bytes:
    """Encode an answer as JSON, like every document of ours, so that a terminal acts on none of its characters."""
    return json_data.encode(made.model_dump(mode="json", by_alias=True))


def _must_be_writable(parts: Mapping[str, str]) -> None:
    if any("\0" in part for part in parts.values()):
        raise Refused(404)


def _query(model: type[M], sent: MultiMapping[str]) -> M:
    """Validate the parameters of a query; refuse unknown ones, and repeated ones that are no list, with 400."""
    values: dict[str, object] = {}
    for name in dict.fromkeys(sent):
        field = model.model_fields.get(name)
        every = sent.getall(name)
        many = field is not None and get_origin(field.annotation) in (list, tuple)
        if not many and len(every) > 1:
            raise Refused(400, "bad_query", [Mistake(where=[name[:300]], what="stands more than once")])
        values[name] = every if many else every[0]
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Refused(400, "bad_query", mistakes(error)) from error


async def _read(content: StreamReader, largest: int) -> bytes:
    parts, size = [], 0
    while not content.at_eof():
        parts.append(await content.read(largest + 1 - size))
        size += len(parts[-1])
        if size > largest:
            raise Refused(413)
    return b"".join(parts)


async def _body(request: web.Request, model: type[M], largest: int) -> M:
    if request.content_type != JSON:
        raise Refused(415)
    if (request.content_length or 0) > largest:
        raise Refused(413)
    data = await _read(request.content, largest)
    if len(data) <= LARGEST_BODY:
        return _checked(data, model)
    return await run_in_thread(_checked, data, model)


async def _upload(request: web.Request, operation: Operation) -> bytes:
    """Return a file as it was sent; refuse content codings, which would be decoded before the size is checked."""
    if request.content_type != operation.upload or "Content-Encoding" in request.headers:
        raise Refused(415)
    if (request.content_length or 0) > operation.largest:
        raise Refused(413)
    return await _read(request.content, operation.largest)


def _checked(data: bytes, model: type[M]) -> M:
    if sum(data.count(mark) for mark in _MARKS) > _MOST_MARKS:
        raise Refused(422, "", [Mistake(where=[], what="too many values")])
    try:
        json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "bad_json") from error
    try:
        return model.model_validate_json(data, strict=True)
    except ValidationError as error:
        raise Refused(422, "", mistakes(error)) from error
