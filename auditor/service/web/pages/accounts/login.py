"""Serves first set-up, login and logout, the choice of language, and the liveness check."""

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.logins import KNOWN_FOR
from auditor.service.accounts.model import AccessError
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.rendering.render import LANG_COOKIE, host_name, language, page
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import cookie_name, hand_over, known_name, remote
from auditor.service.web.site import account_of, run_in_thread, session_of, site_of
from auditor.texts.translate import LANGUAGES

routes = Routes()


@routes.get("/setup", role=None)
async def set_up_form(request: Request) -> StreamResponse:
    if await run_in_thread(site_of(request).accounts.is_set_up):
        raise web.HTTPSeeOther("/login")
    return await page(request, "setup", problem="", name="")


@routes.post("/setup", role=None)
async def set_up(request: Request) -> StreamResponse:
    """Create the first account with the set-up code. The code has 140 bits, so guesses need not be slowed down."""
    site = site_of(request)
    name, password = await field(request, "name"), await field(request, "password")
    try:
        if not site.first.is_right(await field(request, "code")):
            raise AccessError("BAD_FIRST_CODE")
        if password != await field(request, "again"):
            raise AccessError("PASSWORDS_DIFFER")
        await run_in_thread(site.accounts.set_up, name, password, language(request), remote(request))
    except AccessError as error:
        return await page(request, "setup", status=422, problem=error.code, name=name)
    await run_in_thread(site.first.withdraw)
    try:
        held = await site.hashing.run(site.accounts.log_in, name, password, "", remote(request))
    except AccessError as error:  # too many wrong guesses from this address; the account exists
        raise web.HTTPSeeOther("/login") from error
    raise await _logged_in(request, name, held)


@routes.get("/login", role=None)
async def log_in_form(request: Request) -> StreamResponse:
    if not await run_in_thread(site_of(request).accounts.is_set_up):
        raise web.HTTPSeeOther("/setup")
    return await page(request, "login", problem="", name="")


@routes.post("/login", role=None)
async def log_in(request: Request) -> StreamResponse:
    site, name = site_of(request), await field(request, "name")
    known = request.cookies.get(known_name(secure=site.secure), "")
    given = (name, await field(request, "password"), await field(request, "code"), remote(request), known)
    try:
        held = await site.hashing.run(site.accounts.log_in, *given)
    except AccessError as error:
        return await page(request, "login", status=429 if error.code == "WAIT" else 401, problem=error.code, name=name)
    await end_previous_session(request)
    raise await _logged_in(request, name, held, known)


async def _logged_in(request: Request, name: str, held: str, known: str = "") -> web.HTTPSeeOther:
    """Set the cookies of the new session and of a known browser, and redirect to the overview."""
    site = site_of(request)
    response = web.HTTPSeeOther("/")
    hand_over(response, held, secure=site.secure)
    cookie, value = known_name(secure=site.secure), await run_in_thread(site.accounts.recognisable, name, known)
    age = int(KNOWN_FOR.total_seconds())
    response.set_cookie(cookie, value, max_age=age, httponly=True, secure=site.secure, samesite="Lax", path="/")
    return response


async def end_previous_session(request: Request) -> None:
    """End the session that the browser had before it logged in again."""
    session = session_of(request)
    if session is not None:
        site = site_of(request)
        held = request.cookies[cookie_name(secure=site.secure)]
        await run_in_thread(site.accounts.log_out, held, session.account, remote(request))


@routes.post("/logout")
async def log_out(request: Request) -> StreamResponse:
    site = site_of(request)
    name = cookie_name(secure=site.secure)
    await run_in_thread(site.accounts.log_out, request.cookies[name], account_of(request).account, remote(request))
    response = web.HTTPSeeOther("/login")
    response.del_cookie(name, path="/", secure=site.secure, httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    raise response


@routes.get("/language/{lang}", role=None)
async def choose_language(request: Request) -> StreamResponse:
    """Choose the language and redirect to the page that was left, if that is one of ours."""
    lang = request.match_info["lang"]
    if lang not in LANGUAGES:
        raise web.HTTPNotFound
    response = web.HTTPSeeOther(safe_path(request.query.get("to", "/")))
    secure = site_of(request).secure
    name = host_name(LANG_COOKIE, secure=secure)
    response.set_cookie(name, lang, max_age=31_536_000, httponly=True, secure=secure, samesite="Lax", path="/")
    raise response


def safe_path(path: str) -> str:
    r"""Return the path if it is a page of ours, else the first page.

    Browsers drop control characters and read ``\`` as ``/``.
    """
    good = path.isprintable() and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if good else "/"
