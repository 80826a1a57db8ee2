"""Tests that each URL is fetched once in a run, however many callers need it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_address

from cryptography.hazmat.primitives.serialization import Encoding

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure, FailureKind, O
from probes.framework.recorder import Recorder
from probes.net.api import Fetched, HttpRequest
from probes.net.http.issued import Issued
from tests.golden import lab
from tests.golden.cases_certificates import crl

LEAF = lab.leaf("a.vn")
REFUSED = Failure(kind=FailureKind.REFUSED)


class Web:
    """Answers every GET alike, and counts them."""

    def __init__(self, answer: Fetched) -> None:
        self.answer = answer
        self.asked = 0

    async def fetch(self, request: HttpRequest) -> Fetched:
        self.asked += 1
        await asyncio.sleep(0)
        return self.answer

    async def step(
        self, rec: Recorder, address: IPAddress, blank: O, run: Callable[[], Awaitable[O]], *, packets: int = 1
    ) -> O:
        return rec.record(await run(), t0=rec.now())


def request(url: str = "http://ca.vn/list.crl", port: int = 80) -> HttpRequest:
    return HttpRequest(endpoint=Endpoint(address=ip_address("192.0.2.1"), port=port), url=url, because="a certificate")


def asked(web: Web, *serials: int, url: str = "http://ca.vn/list.crl", port: int = 80) -> list[bool]:
    """Return whether each serial was in the list, all looked up at once."""
    issued, rec = Issued(web.step, web.fetch), Recorder(lambda: 0.0)

    async def main() -> list[bool]:
        async with asyncio.TaskGroup() as group:
            every = [
                group.create_task(issued.revocation_list(rec, request(url, port), b"digest", serial))
                for serial in serials
            ]
        return [one.result().entry is not None for one in every]

    return asyncio.run(main())


def test_revocation_list_asked_about_three_certificates_is_fetched_once() -> None:
    web = Web(Fetched(status=200, body=crl(LEAF), body_size=len(crl(LEAF))))
    assert asked(web, LEAF.serial_number, 1, LEAF.serial_number) == [True, False, True]
    assert web.asked == 1


def test_revocation_list_that_is_too_large_says_nothing() -> None:
    web = Web(Fetched(status=200, body=crl(LEAF), truncated=True))
    assert asked(web, LEAF.serial_number) == [False]


def test_revocation_list_at_a_port_that_is_none_of_the_web_is_not_asked() -> None:
    web = Web(Fetched(status=200))
    assert asked(web, 1, url="http://ca.vn:25/list.crl", port=25) == [False]
    assert web.asked == 0


def test_failure_is_kept_for_minutes_and_an_answer_for_the_run() -> None:
    web = Web(Fetched(failure=REFUSED))
    issued, rec = Issued(web.step, web.fetch), Recorder(lambda: 0.0)
    body = lab.MIDDLE.public_bytes(Encoding.DER)

    async def main(clock: Callable[[float], None]) -> list[int]:
        counts = []
        for later in (0.0, 10.0, 400.0, 4_000.0):
            clock(later)
            await issued.issuer(rec, request(), b"digest")
            counts.append(web.asked)
            web.answer = replace(web.answer, status=200, body=body, failure=None if later >= 10.0 else REFUSED)
        return counts

    loop = asyncio.new_event_loop()
    try:
        now = [0.0]
        real, start = loop.time, loop.time()
        loop.time = lambda: start + now[0] + (real() - start)  # type: ignore[method-assign]  # minutes in no time
        counts = loop.run_until_complete(main(lambda later: now.__setitem__(0, later)))
    finally:
        loop.close()
    assert counts == [1, 1, 2, 2]
