"""Serves a page for everybody with the operator, the vantages and how to object; and the schema of the result."""

from importlib import resources
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp.web import Request, Response, StreamResponse

from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.runs.publishing import StoredReport
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.rendering.render import page
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, run_in_thread, site_of
from probes.net.http.fetcher import user_agent

routes = Routes()
SCHEMA_PATH = "/schemas/result-1.json"


@routes.get("/about", role=None)
async def about(request: Request) -> StreamResponse:
    """Serve the page for owners of systems that found our requests in a log; it shows no results."""
    site = site_of(request)
    contact = site.config.contact
    return await page(
        request,
        "about",
        issuer=site.config.report.issuer,
        contact=contact,
        link=contact if urlsplit(contact).scheme in ("http", "https", "mailto") else "",
        mail=contact if "@" in contact and "://" not in contact and not contact.startswith("mailto:") else "",
        agent=user_agent(contact),
        vantages=await run_in_thread(_vantages, site),
    )


def _vantages(site: Site) -> list[tuple[str, list[str]]]:
    """List the vantages of the latest run with the addresses that they measured from, IPv6 first."""
    digest = latest(site)
    if digest is None:
        return []
    judged = stored_judgement(digest.judgement, site.store, site.catalogue)
    header = StoredReport(judged, site.store, site.catalogue).header
    return [(one.name, [str(ip) for ip in sorted(one.sources, key=_order)]) for one in header.vantages]


def _order(address: object) -> tuple[int, int]:
    parsed = ip_address(str(address))
    return (-parsed.version, int(parsed))


@routes.get(SCHEMA_PATH, role=None)
async def schema(request: Request) -> StreamResponse:
    """Serve the JSON Schema of the result document."""
    text = resources.files("reports").joinpath("result.schema.json").read_text(encoding="utf-8")
    return Response(text=text, content_type="application/schema+json")
