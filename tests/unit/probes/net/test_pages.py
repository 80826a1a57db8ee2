"""What pages lead to is asked at ports of the web, or at those that the inventory names."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

import pytest

from inventory.model import Endpoint, IPAddress
from inventory.scope import Reach
from probes.framework.evidence import FailureKind, O
from probes.framework.reach import within
from probes.framework.recorder import Recorder
from probes.net.api import HttpRequest
from probes.net.http import Fetched
from probes.net.page_reader import PageReader
from probes.net.pages import Pages
from probes.observations.web import BODY_KEPT

V6 = ip_address("2001:db8::80")


async def _step(rec: Recorder, address: IPAddress, blank: O, run: Callable[[], Awaitable[O]]) -> O:
    return rec.record(await run(), t0=0.0)


def _pages(asked: list[str]) -> Pages:
    async def fetch(request: HttpRequest, keep: int = BODY_KEPT) -> Fetched:
        asked.append(request.url)
        return Fetched(status=200)

    return Pages(_step, fetch, PageReader())


def _request(port: int, because: str | None) -> HttpRequest:
    url = f"http://www.vn:{port}/reboot?now=1"
    return HttpRequest(endpoint=Endpoint(address=V6, port=port), url=url, hop=1 if because else 0, because=because)


@pytest.mark.parametrize(
    ("port", "because", "ports", "sent"),
    [
        (8080, "redirect from http://www.vn/", (), True),
        (9200, "redirect from http://www.vn/", (), False),
        (25, "redirect from http://www.vn/", (443,), False),
        (9200, "redirect from http://www.vn/", (9200,), True),
        (9200, None, (), True),  # what the inventory or the command line asks for
    ],
)
async def test_a_redirect_to_an_odd_port_is_out_of_scope_and_not_asked(
    port: int, because: str | None, ports: tuple[int, ...], sent: bool
) -> None:
    asked: list[str] = []
    pages, request, rec = _pages(asked), _request(port, because), Recorder(lambda: 0.0)
    with within(Reach(ports=frozenset(ports))):
        for got in (
            await pages.http(rec, request),
            await pages.front_page(rec, request),
            await pages.security_txt(rec, request, legacy=False),
            (await pages.page_parts(rec, request))[0],
        ):
            refused = got.failure is not None and got.failure.kind is FailureKind.OUT_OF_SCOPE
            assert refused is not sent
            assert got in rec.steps
    assert len(asked) == (4 if sent else 0)
