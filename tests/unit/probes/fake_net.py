"""A ``Net`` for tests of what probes ask and in which order: it records the observations that ``Net`` promises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from inspect import iscoroutinefunction, signature
from typing import Any, get_type_hints

from inventory.model import Endpoint
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion, EchoShape, Headers, HttpRequest, LandingRead, Net, PartsRead, PmtudTrial
from probes.net.http.requests import looked
from probes.observations.pages import Copy, FrontPage, LandingPage, PageParts, Part, PartKind, SecurityTxt
from probes.observations.web import HttpExchange
from probes.wire import looks, page
from probes.wire.looks import Looks
from tests.unit.probes.fake_names import FakeNames

Asked = Mapping[str, Any]
REFUSED = Failure(kind=FailureKind.REFUSED)
# What is answered beside what was asked; of other methods all has gone well, without a word.
USUAL: Mapping[str, Callable[[Asked], Asked]] = {
    "echo": lambda asked: {"interval": 1.0, "payload_size": 56, "rtts": (0.01,) * asked.get("count", 1)},
    "transfer": lambda asked: {"connected": True, "status": 200, "received": 150_000, "whole": True},
}
_MADE_BELOW: Any = object  # every method of Net that is not written out here


def _told(value: object) -> Asked:
    """The fields of observations that an argument gives."""
    if isinstance(value, Endpoint):
        return {"address": value.address, "port": value.port or 0, "server_name": value.name}
    if isinstance(value, HttpRequest):
        return {**_told(value.endpoint), "url": value.url, "hop": value.hop, "because": value.because}
    renamed = {"name": "qname", "rtype": "qtype", "size": "payload_size"}
    told = fields(value) if isinstance(value, DnsQuestion | EchoShape | PmtudTrial) else ()
    return {renamed.get(one.name, one.name): getattr(value, one.name) for one in told}


def _holding(kind: type[Any], found: Asked) -> Any:
    return kind(**{one.name: found[one.name] for one in fields(kind) if one.name in found})


@dataclass
class FakeNet(_MADE_BELOW):  # type: ignore[misc]
    """``pages`` answers a request with a status and where it leads, or refuses; redirects carry ``headers``;
    ``answers`` says by method what the observation holds beside what was asked, given all that was asked.
    """

    names: FakeNames = field(default_factory=FakeNames)
    pages: Callable[[HttpRequest], tuple[int, str | None] | None] = lambda request: (200, None)
    headers: Headers = ()
    html: str = ""
    copies: Mapping[Copy, str] = field(default_factory=dict)
    answers: dict[str, Callable[[Asked], Asked]] = field(default_factory=dict)

    async def https(self, rec: Recorder, request: HttpRequest) -> Any:
        await self.tls(rec, request.endpoint, protocol="https")
        return await self.http(rec, request)

    async def security_txt(self, rec: Recorder, request: HttpRequest, *, legacy: bool) -> tuple[SecurityTxt, Headers]:
        said = self._page(request)
        return rec.record(_holding(SecurityTxt, {**said, "legacy": legacy}), t0=rec.now()), said["headers"]

    async def page_parts(self, rec: Recorder, request: HttpRequest) -> PartsRead:
        said, found = self._page(request), page.of_html(self.html, request.url)
        parts = tuple(Part(kind=PartKind(kind), host=host, port=port) for kind, host, port in found.parts)
        return rec.record(_holding(PageParts, {**said, "parts": parts}), t0=rec.now()), found, said["headers"]

    async def landing_page(self, rec: Recorder, request: HttpRequest, copy: Copy, beside: Looks | None) -> LandingRead:
        html = self.copies.get(copy, self.html)
        seen, step = looks.of_html(html, request.url), _holding(LandingPage, {**self._page(request), "copy": copy})
        if step.status == 200:
            step = looked(replace(step, body_size=len(html)), page.of_html(html, request.url), seen, beside)
        return rec.record(step, t0=rec.now()), seen

    def _page(self, request: HttpRequest) -> Asked:
        status, location = self.pages(request) or (None, None)
        failure, headers = REFUSED if status is None else None, self.headers if location else ()
        return {**_told(request), "status": status, "location": location, "headers": headers, "failure": failure}


def _made_of(method: str, promised: Callable[..., Any]) -> Callable[..., Any]:
    kind, parameters = get_type_hints(promised)["return"], signature(promised)

    async def answer(self: FakeNet, rec: Recorder, *given: object, **named: object) -> Any:
        asked = dict(parameters.bind(self, rec, *given, **named).arguments)
        for name, one in tuple(asked.items()):
            asked |= {**_told(one), name: one.address if isinstance(one, Endpoint) else one}
        page_of = self._page(asked["request"]) if kind in (HttpExchange, FrontPage) else {}
        usual, told = (known[method](asked) if method in known else {} for known in (USUAL, self.answers))
        return rec.record(_holding(kind, {**usual, **asked, **page_of, **told}), t0=rec.now())

    return answer


for _method, _promised in vars(Net).items():
    if iscoroutinefunction(_promised) and _method not in vars(FakeNet):
        setattr(FakeNet, _method, _made_of(_method, _promised))
