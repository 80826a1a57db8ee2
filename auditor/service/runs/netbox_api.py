"""Reads the collections of a NetBox over HTTPS: pages of bounded size and number, from only the given address.

Only GET is sent, no redirect is followed, and the address of the next page in an answer is not used: pages are counted,
so that the token is sent nowhere else.
"""

import asyncio
import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from inventory.listed.model import GroupMeanings, NotSuchAListError
from inventory.listed.netbox import PATHS, NetBoxObjects

PAGE, PAGES = 500, 400
"""Number of objects requested per page, and the maximum number of pages of all collections together."""
LARGEST_PAGE = 20 * 2**20
_PATIENCE = 60.0
_PIECE = 2**16
_SECOND_VERSION = "nbt_"
"""The prefix of tokens since NetBox 4.5, which are sent as bearer tokens."""


class NetBoxRefused(Exception):
    """Raised if NetBox returns no objects; the message is for the log of a developer and holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetBoxAccess:
    """Holds the address of a NetBox, the token, and the certificates to trust besides those of the system."""

    url: str
    token: str
    ca_file: Path | None = None


def is_address(text: str) -> bool:
    """True if a token may be sent to the address: https, with a host and without a user name, password or query."""
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and not parts.query
    except ValueError:
        return False


def read_objects(access: NetBoxAccess, meanings: GroupMeanings) -> NetBoxObjects:
    """Read all objects that can be proposed. Raises NetBoxRefused."""
    try:
        trusted = ssl.create_default_context()
        if access.ca_file is not None:
            trusted.load_verify_locations(access.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise NetBoxRefused(f"{access.ca_file}: {error}") from error
    objects = NetBoxObjects(meanings)
    try:
        asyncio.run(_read(access, trusted, objects))
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NetBoxRefused(f"{type(error).__name__}: {error}") from error
    except (NotSuchAListError, ValueError, RecursionError) as error:
        raise NetBoxRefused(f"no page of NetBox: {error}") from error
    return objects


async def _read(access: NetBoxAccess, trusted: ssl.SSLContext, objects: NetBoxObjects) -> None:
    scheme = "Bearer" if access.token.startswith(_SECOND_VERSION) else "Token"
    headers = {"Authorization": f"{scheme} {access.token}", "Accept": "application/json", "User-Agent": "auditor/1.0"}
    base = access.url.rstrip("/").removesuffix("/api")
    pages = 0
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=_PATIENCE)) as session:
        for path in PATHS:
            offset, more = 0, True
            while more:
                pages += 1
                if pages > PAGES:
                    raise NetBoxRefused(f"more than {PAGES} pages")
                asked = {"limit": str(PAGE), "offset": str(offset), "exclude": "config_context"}
                page = await _page(session, f"{base}/api/{path}/", asked, trusted)
                count = objects.take_page(page)
                offset += count
                more = bool(count) and isinstance(page, dict) and page.get("next") is not None


async def _page(session: aiohttp.ClientSession, url: str, asked: dict[str, str], trusted: ssl.SSLContext) -> object:
    data = bytearray()
    async with session.get(url, params=asked, ssl=trusted, allow_redirects=False) as answer:
        if answer.status != 200:
            raise NetBoxRefused(f"HTTP {answer.status}")
        async for piece in answer.content.iter_chunked(_PIECE):
            data += piece
            if len(data) > LARGEST_PAGE:
                raise NetBoxRefused(f"a page of more than {LARGEST_PAGE // 2**20} MB")
    page: object = json.loads(data)
    return page
