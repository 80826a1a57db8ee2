"""Renders pages from templates: escaped, in the reader's language, with the session's secret in every form."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from auditor.framework.findings import Outcome
from auditor.framework.message_format import clean
from auditor.service.accounts.model import Role
from auditor.service.web.navigation import navigation
from auditor.service.web.site import Site, run_in_thread, session_of, site_of
from auditor.service.web.words import say
from auditor.texts.translate import LANGUAGES, Texts
from inventory.model import written

LANG_COOKIE = "lang"


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
    """With HTTPS the name of a cookie that only pages of this very host can set (RFC 6265bis §4.1.3.2)."""
    return f"__Host-{cookie}" if secure else cookie


@lru_cache(maxsize=len(LANGUAGES))
def texts_in(lang: str) -> Texts:
    return Texts(lang)


def language(request: web.Request) -> str:
    """Return the language that the reader chose, else the account's, else the service's."""
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
    **values: object,
) -> web.Response:
    """Render a page of this template; ``given`` and ``values`` are its variables."""
    body = await _made(request, template, {**(given or {}), **values})
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8")


async def fragment(request: web.Request, template: str, given: Mapping[str, object]) -> str:
    """A part of a page as text."""
    return (await _made(request, template, given)).decode()


async def _made(request: web.Request, template: str, given: Mapping[str, object]) -> bytes:
    site, texts, session = site_of(request), texts_in(language(request)), session_of(request)
    role = None if session is None else session.account.role

    def ui(key: str, **args: object) -> str:
        return say(texts, key, **args)

    named = {
        "t": texts,
        "ui": ui,
        "lang": texts.lang,
        "session": session,
        "csrf": "" if session is None else session.csrf,
        "is_operator": role is not None and role.covers(Role.OPERATOR),
        "is_admin": role is not None and role.covers(Role.ADMIN),
        "navigation": "" if role is None else navigation(site.parts, site.templates, texts, role, request.path),
        "symbols": SYMBOLS,
        "outcomes": list(Outcome),
        "path": request.path,
        "scheme": "",
        "searched": "",
        "elsewhere": "" if site.config.oidc is None else site.config.oidc.name,
        **given,
    }
    made = site.templates.get_template(f"{template}.html.j2")
    if isinstance(given.get("body"), Markup):  # what takes its time was rendered before: a thread would take longer
        return _rendered(made.render, named)
    return await run_in_thread(_rendered, made.render, named)


async def kept(
    request: web.Request, template: str, about: tuple[str, ...], make: Callable[[], Mapping[str, object]]
) -> Markup:
    """A part of a page that is the same for everybody of whom ``about`` says the same: rendered once, then kept.

    It knows neither the session nor its secret, so that nothing of one reader can be shown to another: what is in
    ``about`` must tell apart whatever ``make`` looks at.
    """
    site, texts = site_of(request), texts_in(language(request))
    key = (template, texts.lang, *about)
    markup = site.parts.get(key)
    if markup is None:
        async with site.parts.turn(key):
            markup = site.parts.get(key)
            if markup is None:
                markup = Markup(await run_in_thread(_part, site, texts, template, make))  # noqa: S704  # by a template that escapes
                site.parts.keep(key, markup)
    return markup


def _part(site: Site, texts: Texts, template: str, make: Callable[[], Mapping[str, object]]) -> str:
    def ui(word: str, **args: object) -> str:
        return say(texts, word, **args)

    named = {"t": texts, "ui": ui, "lang": texts.lang, "symbols": SYMBOLS, **make()}
    return _rendered(site.templates.get_template(f"{template}.html.j2").render, named).decode()


def _rendered(render: Callable[..., str], values: dict[str, object]) -> bytes:
    return render(**values).encode("utf-8", "backslashreplace")


SYMBOLS = {
    Outcome.PASS: "✔",
    Outcome.WARN: "▲",
    Outcome.FAIL: "✘",
    Outcome.NOT_APPLICABLE: "–",
    Outcome.INCONCLUSIVE: "?",
    Outcome.ERROR: "‼",
}
