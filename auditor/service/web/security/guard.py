"""Guards every request: identifies the account, checks its role and the form's secret, sets the answer's headers."""

import asyncio
import logging
import re
import secrets
from collections.abc import Iterator, Mapping

from aiohttp import web

from auditor.service.accounts.model import LIFETIME
from auditor.service.accounts.records import digest
from auditor.service.store.records import StoreFailed
from auditor.service.web.api import problems
from auditor.service.web.api.operation import ROOT
from auditor.service.web.api.problems import Refused
from auditor.service.web.forms.sent_forms import read_form
from auditor.service.web.rendering.render import host_name, page
from auditor.service.web.routes import LARGEST_FORM, Handler, Route
from auditor.service.web.security.client_address import client
from auditor.service.web.security.host_names import ANY_NAME
from auditor.service.web.server import NAME
from auditor.service.web.site import HOLDER, RENEWED, SESSION, run_in_thread, run_lookup, session_of, site_of

COOKIE = "session"
HSTS = "max-age=31536000; includeSubDomains"
"""HSTS for a year, also for hosts under this name (RFC 6797 §6.1): none of them can set cookies over plain HTTP."""
PATIENCE = 120.0
"""Seconds that the body of a form may take."""
WITHOUT_FACTOR = frozenset({"/account/second-factor", "/logout"})
"""The paths that an account may use before it has set up the second factor that it must have."""
FORM_FIELD = "csrf"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_TEXT = re.compile(r"text/|[^/]*/(?:javascript|[^/]*xml$)")
"""Content types that browsers decode by a charset."""
_log = logging.getLogger("auditor.service.web")


def cookie_name(*, secure: bool) -> str:
    return host_name(COOKIE, secure=secure)


def known_name(*, secure: bool) -> str:
    """Return the name of the cookie that marks a browser as known; it grants no access."""
    return host_name("known", secure=secure)


def hand_over(response: web.StreamResponse, held: str, *, secure: bool) -> None:
    """Set the session's cookie on a response."""
    name, age = cookie_name(secure=secure), int(LIFETIME.total_seconds())
    response.set_cookie(name, held, max_age=age, httponly=True, secure=secure, samesite="Lax", path="/")


def _session_cookie(held: str, *, secure: bool) -> Iterator[str]:
    """Yield the session's cookie as a header value: when an answer leaves, its own cookies are written already."""
    made = web.Response()
    hand_over(made, held, secure=secure)
    yield from (cookie.OutputString() for cookie in made.cookies.values())


def this_session(request: web.Request) -> str:
    """Return the digest of the request's session, the new one if this request renewed it."""
    return digest(request.get(RENEWED) or request.cookies[cookie_name(secure=site_of(request).secure)])


def remote(request: web.Request) -> str:
    """Return the address that a request comes from, as text; see ``client``."""
    proxies = site_of(request).config.serve.proxies
    return client(request.remote or "", request.headers.getall("X-Forwarded-For", []), proxies)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer refusals with a page, or with a problem for programs; no internals of an error leave the service."""
    program = request.path.startswith(f"{ROOT}/")
    try:
        return await handler(request)
    except Refused as refused:
        await _note(request, refused.status)
        return problems.answer(request, refused, site_of(request).config.lang)
    except web.HTTPException as refusal:
        if refusal.status < 400:
            raise
        await _note(request, refusal.status)
        if program:
            allowed = {"Allow": refusal.headers["Allow"]} if "Allow" in refusal.headers else {}
            return problems.answer(request, Refused(refusal.status), site_of(request).config.lang, allowed)
        return await page(request, "message", status=refusal.status, message=_message(refusal.status))
    except Exception as error:
        _log.exception("a request failed: %s %s", request.method, _logged_path(request))
        status, message = (503, "store_failed") if isinstance(error, StoreFailed) else (500, "broken")
        if program:
            return problems.answer(request, Refused(status), site_of(request).config.lang)
        return await page(request, "message", status=status, message=message)


async def _note(request: web.Request, status: int) -> None:
    """Write refused access into the audit log.

    That is: a forbidden action, an invalid token, a form that is too large or not ours, and a page that a viewer of one
    agency does not find, perhaps because it is another agency's.
    """
    session = session_of(request)
    account = request.get(HOLDER) if session is None else session.account
    if status == 401 and "Authorization" not in request.headers:
        return
    is_theirs = status == 404 and account is not None and account.agency is not None
    if is_theirs or status in (401, 403, 413) or (status == 400 and session is not None):
        who, about = "" if account is None else account.name, f"{status} {request.method} {_logged_path(request)}"
        await run_in_thread(site_of(request).accounts.refusals.add, who, remote(request), "access_refused", about)


def _logged_path(request: web.Request) -> str:
    """Return the path as logs have it: if a secret is part of it, the pattern of the route instead."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None and "token" in request.match_info else request.path


@web.middleware
async def ours_alone(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse requests for host names that are not the service's own, see ``host_names``."""
    hosts, asked = site_of(request).hosts, request.headers.getall("Host", [])
    if request.path in ANY_NAME or (len(asked) == 1 and hosts.is_ours(asked[0])):
        return await handler(request)
    hosts.tell(", ".join(asked))
    raise web.HTTPMisdirectedRequest


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers; called for every answer just before it leaves."""
    response.headers["Server"] = NAME  # without a version, so that scanners for old versions learn nothing
    if site_of(request).secure:
        response.headers["Strict-Transport-Security"] = HSTS
    if held := request.get(RENEWED):
        for cookie in _session_cookie(held, secure=site_of(request).secure):
            response.headers.add("Set-Cookie", cookie)
    if _TEXT.match(response.content_type) and response.charset is None:
        response.charset = "utf-8"
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _message(status: int) -> str:
    known = {
        403: "forbidden",
        400: "stale_form",
        408: "stale_form",
        411: "stale_form",
        413: "too_large",
        421: "misdirected",
        503: "busy",
    }
    return known.get(status, "not_found" if status < 500 else "broken")


@web.middleware
async def identity(request: web.Request, handler: Handler) -> web.StreamResponse:
    site = site_of(request)
    if site.accounts.refusals.is_due:
        await run_in_thread(site.accounts.refusals.settle)
    held = request.cookies.get(cookie_name(secure=site.secure))
    request[SESSION] = await run_lookup(site.accounts.session, held) if held else None
    return await handler(request)


def guarded(route: Route) -> Handler:
    """Return the handler, protected by its role and, if anything is sent, by the form's secret."""

    if route.operation is not None:
        return route.handler

    async def checked(request: web.Request) -> web.StreamResponse:
        session = session_of(request)
        if route.role is not None:
            if session is None:
                await _must_be_set_up(request)
                raise web.HTTPSeeOther("/login")
            if not session.account.role.covers(route.role):
                raise web.HTTPForbidden
            if must_set_up_factor(request) and route.path not in WITHOUT_FACTOR:
                raise web.HTTPSeeOther("/account/second-factor")
        if request.method == "POST":
            await _must_be_ours(request, route.largest)
        return await route.handler(request)

    return checked


def must_set_up_factor(request: web.Request) -> bool:
    """True if the account must have a second factor and has none yet.

    Accounts of the OpenID provider present it there.
    """
    session = session_of(request)
    if session is None or session.account.second_factor or session.account.vouched:
        return False
    return session.account.role.value in site_of(request).must_have_factor


async def _must_be_set_up(request: web.Request) -> None:
    if not await run_in_thread(site_of(request).accounts.is_set_up):
        raise web.HTTPSeeOther("/setup")


async def _must_be_ours(request: web.Request, largest: int) -> None:
    """Refuse a form that none of our pages sent, by its secret or, before logging in, by Fetch Metadata.

    Its length must be declared before it is read: browsers do so, and a body in pieces without end is no form.
    """
    if request.content_length is None:
        raise web.HTTPLengthRequired
    if request.content_type != "multipart/form-data":  # parsed in one piece, which blocks all other requests
        largest = min(largest, LARGEST_FORM)
    if request.content_length > largest:
        raise web.HTTPRequestEntityTooLarge(largest, request.content_length)
    session = session_of(request)
    if session is None and not _is_from_us(request):
        raise web.HTTPBadRequest
    try:
        async with asyncio.timeout(PATIENCE):
            sent = (await read_form(request)).get(FORM_FIELD, "")
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    if session is None:
        return
    if not (isinstance(sent, str) and secrets.compare_digest(sent.encode(), session.csrf.encode())):
        raise web.HTTPBadRequest


def _is_from_us(request: web.Request) -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site == "same-origin"
    return origin is None or origin.partition("://")[2] == request.host
