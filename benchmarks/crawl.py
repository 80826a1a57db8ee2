"""Asks the service for every kind of page of a store of many subjects, and prints the bytes and seconds of each.

It follows the links of the pages from the overview on, as an administrator and as an account of one agency, a few pages
of each kind. The service has read the latest judgement ahead, as it does when it starts; a page that is asked for the
first time is still the slowest of its kind. Goal: no page over 300 kB, none over one second. Beside the seconds of
asking stands the processor time that the service used, which other work on the machine lengthens less. A page that
says that a report is being made is asked for again until the report is there; its bytes are those of the report.

    python -m benchmarks.crawl [--subjects 20000] [--findings 40] [--store FILE] [--strict]
"""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientSession, ClientTimeout

from benchmarks.filled_store import filled
from benchmarks.pages import ServiceUnderTest, service
from benchmarks.processes import verdict

MOST_BYTES, MOST_SECONDS = 300_000, 1.0
OF_A_KIND = 3
"""Pages of one kind that are asked for."""
_LINK = re.compile(r'href="([^"#]+)')
_LEFT_OUT = re.compile(r"/(static|reports|language|schema|openapi|inventory/template)|\.(css|js|ics)$|/export")
_AWAITS = '<meta http-equiv="refresh" content="3">'
_START = ("/", "/search?q=host1", "/problems?outcome=inconclusive", "/design")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTaken:
    """Holds one page: its path, its kind, its bytes, and the seconds of the first and the second request.

    ``cpu``: CPU seconds of the first request.
    """

    path: str
    kind: str
    status: int
    size: int
    first: float
    again: float
    cpu: float


def main(arguments: list[str]) -> int:
    """Crawl and print."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        store = options.store or Path(name, "pages.db")
        if not store.exists():
            filled(store, options.subjects, options.findings)
        with service(store) as running:
            taken = asyncio.run(_crawled(f"http://[::1]:{running.ports[1]}", running))
    print("    bytes     first  (cpu)     again")
    for page in sorted(taken, key=lambda page: -page.first):
        times = f"{page.first:>7.2f} s ({page.cpu:.2f}) {page.again:>6.2f} s"
        print(f"{page.size:>9,} B {times} {page.status} {page.path[:90]}")
    return verdict(
        {
            f"no page over {MOST_BYTES:,} bytes": all(page.size <= MOST_BYTES for page in taken),
            f"no page over {MOST_SECONDS:.0f} s": all(page.first <= MOST_SECONDS for page in taken),
        },
        strict=options.strict,
    )


async def _crawled(base: str, running: ServiceUnderTest) -> Sequence[PageTaken]:
    taken: list[PageTaken] = []
    async with ClientSession(timeout=ClientTimeout(total=600)) as client:
        for session in running.sessions:
            seen: Counter[str] = Counter()
            known, waiting = set(_START), deque(_START)
            while waiting:
                path = waiting.popleft()
                kind = _kind(path)
                if seen[kind] >= OF_A_KIND:
                    continue
                seen[kind] += 1
                page, text = await _page(client, base, path, session, running)
                taken.append(page)
                for link in _links(base, path, text):
                    if link not in known:
                        known.add(link)
                        waiting.append(link)
    return taken


async def _page(
    client: ClientSession, base: str, path: str, session: str, running: ServiceUnderTest
) -> tuple[PageTaken, str]:
    seconds, used = list[float](), [running.cpu()]
    status, text = 0, ""
    while len(seconds) < 2 or _AWAITS in text:
        if len(seconds) >= 2:
            await asyncio.sleep(1.0)
        began = time.perf_counter()
        async with client.get(base + path, headers={"Cookie": f"session={session}"}) as answer:
            status, text = answer.status, await answer.text(errors="replace")
        seconds.append(time.perf_counter() - began)
        used.append(running.cpu())
    taken = PageTaken(
        path=path,
        kind=_kind(path),
        status=status,
        size=len(text.encode()),
        first=seconds[0],
        again=seconds[-1],
        cpu=used[1] - used[0],
    )
    return taken, text


def _links(base: str, path: str, text: str) -> Sequence[str]:
    found = []
    for link in _LINK.findall(text):
        parts = urlsplit(urljoin(f"{base}{path}", unescape(link)))
        if f"{parts.scheme}://{parts.netloc}" == base and not _LEFT_OUT.search(parts.path):
            found.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def _kind(path: str) -> str:
    """Return a name for all pages that differ only in a number, a code, an id, or the values of their query."""
    parts = urlsplit(path)
    names = re.sub(
        r"^/frameworks/[^/]+(/[^/]+)?$", lambda found: "/frameworks/*" + ("/*" if found[1] else ""), parts.path
    )
    names = re.sub(r"(?<=/)(\d{8}T\w+-\w+|A\d+|host\d+[^/]*|diem-\d+|[a-z0-9]+\.[a-z0-9.-]+)(?=/|$)", "*", names)
    asked = "&".join(sorted(part.partition("=")[0] for part in parts.query.split("&") if part))
    return f"{names}?{asked}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crawl", description=__doc__)
    parser.add_argument("--subjects", type=int, default=20_000)
    parser.add_argument("--findings", type=int, default=40, help="of each subject")
    parser.add_argument("--store", type=Path, help="a store to fill once and look at again")
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
