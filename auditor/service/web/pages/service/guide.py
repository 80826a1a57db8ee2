"""Serves the guide for users of the pages, from the documents that come with the program; it needs no network."""

from functools import cache
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.web import Request, Response, StreamResponse
from markupsafe import Markup

from auditor.service.web.rendering.documents import RenderedDocument, rendered
from auditor.service.web.rendering.render import language, page
from auditor.service.web.routes import Routes
from auditor.service.web.site import run_in_thread

routes = Routes()
_GUIDES = {"vi": "vi/huong-dan.md", "en": "howto/operator.md"}
"""The guide in each language, below the folder of documents."""
_PICTURES = "vi/images"


@routes.get("/guide", role=None)
async def guide(request: Request) -> StreamResponse:
    """Serve the guide in the reader's language; it contains nothing of any run."""
    made = await run_in_thread(_guide, language(request))
    return await page(
        request,
        "guide",
        title=made.title,
        head=Markup(made.head),  # noqa: S704
        sections=made.sections,
        body=Markup(made.body),  # noqa: S704
    )


@routes.get(r"/guide/images/{picture:[a-z-]{1,40}\.webp}", role=None)
async def picture(request: Request) -> StreamResponse:
    """Serve a picture of the guide."""
    path = _documents() / _PICTURES / request.match_info["picture"]
    if not path.is_file():
        raise web.HTTPNotFound
    return Response(body=await run_in_thread(path.read_bytes), content_type="image/webp")


@cache
def _guide(lang: str) -> RenderedDocument:
    """Render the guide of a language; links to documents that are not served become text."""
    text = (_documents() / _GUIDES[lang]).read_text("utf-8")
    return rendered(text, lambda link: None if urlsplit(link).path else link, pictures="/guide/")


@cache
def _documents() -> Path:
    """Return the folder of documents: in the package of an installation, beside the packages of a checkout."""
    package = Path(str(resources.files("auditor.service.web")))
    installed = package / "docs"
    return installed if installed.is_dir() else package.parents[2] / "docs"
