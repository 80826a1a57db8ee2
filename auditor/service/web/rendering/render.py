"""Renders pages from templates: escaped, in the reader's language, with the session's secret in every form."""

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from functools import lru_cache, wraps

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from auditor.framework.findings import Outcome
from auditor.framework.message_format import clean
from auditor.service.accounts.model import LoginSession, Role
from auditor.service.web.caches.frames import FramedPage
from auditor.service.web.caches.parts import CachedPart
from auditor.service.web.rendering.navigation import navigation
from auditor.service.web.routes import Handler
from auditor.service.web.site import Site, run_in_thread, run_lookup, session_of, site_of
from auditor.service.web.words.lookup import say
from auditor.texts.translate import LANGUAGES, Texts
from inventory.model import written
from reports.terminal.layout import RESULT_SYMBOLS, SYMBOLS

LANG_COOKIE = "lang"
_SLOT = 300
"""Seconds between two samples of a point."""
_FRAMED: web.RequestKey[FramedPage] = web.RequestKey("framed", FramedPage)
"""The key under which a request carries the page that it got."""
_LANGUAGE: web.RequestKey[str] = web.RequestKey("language", str)


def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("auditor.service.web"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["clean"] = clean
    made.filters["written"] = written
    return made


def host_name(cookie: str, *, secure: bool) -> str:
    """Return a cookie's name; with HTTPS, one that only pages of this very host can set (RFC 6265bis §4.1.3.2)."""
    return f"__Host-{cookie}" if secure else cookie


@lru_cache(maxsize=len(LANGUAGES))
def texts_in(lang: str) -> Texts:
    return Texts(lang)


def language(request: web.Request) -> str:
    """Return the language that the reader chose, else the account's, else the service's."""
    known = request.get(_LANGUAGE)
    if known is None:
        known = request[_LANGUAGE] = _chosen_language(request)
    return known


def _chosen_language(request: web.Request) -> str:
    chosen = request.cookies.get(host_name(LANG_COOKIE, secure=site_of(request).secure))
    session = session_of(request)
    wanted = (chosen, None if session is None else session.account.lang, site_of(request).config.lang)
    return next((lang for lang in wanted if lang in LANGUAGES), LANGUAGES[0])


async def page(
    request: web.Request,
    template: str,
    given: Mapping[str, object] | None = None,
    *,
    status: int = 200,
    lasts: bool = True,
    **values: object,
) -> web.Response:
    """Render a page of this template; ``given`` and ``values`` are its variables.

    ``lasts`` False: the page may change soon although nothing is written until then, see ``until_written``.
    """
    shown = {**(given or {}), **values}
    parts = {name: value for name, value in shown.items() if isinstance(value, CachedPart)}
    if not parts:
        return _html(await _made(request, template, shown), status)
    framed = _framed(request, template, shown, parts)
    if lasts and status == 200:
        request[_FRAMED] = framed
    return _html(framed.filled(_secret_of(session_of(request))), status)


def until_written(handler: Handler) -> Handler:
    """Answer with the page that the same reader got from the same address, until anything is written to the store.

    It is for pages of parts that are kept; otherwise only time changes their content, which ``_SLOT`` bounds.
    """
    return _until(handler, lambda site: site.store.database.stamp())


def until_sampled(handler: Handler) -> Handler:
    """Answer like ``until_written``, for pages that show samples: new samples do not change ``Database.stamp``."""
    return _until(handler, lambda site: (site.store.database.stamp(), *site.digests.last_sampled().items()))


def _until(handler: Handler, stamp_of: Callable[[Site], Hashable]) -> Handler:
    @wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        site, session = site_of(request), session_of(request)
        if session is None:
            return await handler(request)
        stamp = await run_lookup(stamp_of, site)
        slot = int(time.time() // _SLOT)
        key = (request.path_qs, session.account, session.proved, language(request), slot)
        known = site.frames.answered(key, stamp)
        if known is not None:
            return _html(known.filled(session.csrf))
        response = await handler(request)
        if _FRAMED in request:
            site.frames.keep_answer(key, stamp, request[_FRAMED])
        return response

    return answer


def _html(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8")


def _secret_of(session: LoginSession | None) -> str:
    return "" if session is None else session.csrf


async def fragment(request: web.Request, template: str, given: Mapping[str, object]) -> str:
    """Return a part of a page as text."""
    return (await _made(request, template, given)).decode()


def _framed(
    request: web.Request, template: str, given: Mapping[str, object], parts: Mapping[str, CachedPart]
) -> FramedPage:
    """Put kept parts into the frame of their page, which is kept too."""
    site, session = site_of(request), session_of(request)
    assert session is not None
    rest = {name: value for name, value in given.items() if name not in parts}
    key = (template, language(request), request.path, session.account, session.proved, rest)

    def render(csrf: str, marks: Mapping[str, Markup]) -> bytes:
        return _rendered(site, template, _named(request, {**rest, **marks}, replace(session, csrf=csrf)))

    return site.frames.page(key, parts, render)


async def _made(request: web.Request, template: str, given: Mapping[str, object]) -> bytes:
    named = _named(request, given, session_of(request))
    return await run_in_thread(_rendered, site_of(request), template, named)


def _named(request: web.Request, given: Mapping[str, object], session: LoginSession | None) -> dict[str, object]:
    """Return the variables of a page's template."""
    site, texts = site_of(request), texts_in(language(request))
    role = None if session is None else session.account.role

    def ui(key: str, **args: object) -> str:
        return say(texts, key, **args)

    return {
        "t": texts,
        "ui": ui,
        "lang": texts.lang,
        "session": session,
        "csrf": _secret_of(session),
        "is_operator": role is not None and role.covers(Role.OPERATOR),
        "is_admin": role is not None and role.covers(Role.ADMIN),
        "navigation": "" if role is None else navigation(site.parts, site.templates, texts, role, request.path),
        "symbols": SYMBOLS,
        "result_symbols": RESULT_SYMBOLS,
        "outcomes": list(Outcome),
        "path": request.path,
        "scheme": "",
        "searched": "",
        "elsewhere": "" if site.config.oidc is None else site.config.oidc.name,
        **given,
    }


async def kept(
    request: web.Request, template: str, about: tuple[str, ...], make: Callable[[], Mapping[str, object]]
) -> CachedPart:
    """Return a part of a page that is the same for all readers with the same ``about``: rendered once, then kept.

    It knows neither the session nor its secret, so that nothing of one reader can be shown to another: ``about`` must
    differ wherever the data that ``make`` reads differs.
    """
    site, texts = site_of(request), texts_in(language(request))
    key = (template, texts.lang, *about)
    markup = site.parts.get(key)
    if markup is None:
        async with site.parts.turn(key):
            markup = site.parts.get(key)
            if markup is None:
                markup = CachedPart.of(await run_in_thread(_part, site, texts, template, make))
                site.parts.keep(key, markup)
    return markup


def _part(site: Site, texts: Texts, template: str, make: Callable[[], Mapping[str, object]]) -> bytes:
    def ui(word: str, **args: object) -> str:
        return say(texts, word, **args)

    named = {"t": texts, "ui": ui, "lang": texts.lang, "symbols": SYMBOLS, "result_symbols": RESULT_SYMBOLS, **make()}
    return _rendered(site, template, named)


def _rendered(site: Site, template: str, values: dict[str, object]) -> bytes:
    return site.templates.get_template(f"{template}.html.j2").render(**values).encode("utf-8", "backslashreplace")
