"""Reads forms as browsers send them: in UTF-8, and whole.

A form and each part of it may name the codec of its text, and Python has codecs that take hours for a few megabytes
(Punycode). No browser names another one than UTF-8 for our pages.
"""

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import MultiDictProxy

_CODEC = "utf-8"
_MALFORMED = (ValueError, LookupError, RuntimeError, HttpProcessingError)
"""The errors that aiohttp raises for a body that is no form."""


class _Part(BodyPartReader):
    """Decodes the text of a part of a form as UTF-8, even if the part names another codec."""

    def get_charset(self, default: str) -> str:
        return _CODEC


MultipartReader.part_reader_cls = _Part  # the hook that aiohttp offers; nothing else here reads such bodies


async def read_form(request: web.Request) -> MultiDictProxy[str | bytes | bytearray | web.FileField]:
    """Return the fields of a form. Raises HTTPBadRequest for a body that is no form, or is not in UTF-8."""
    if (request.charset or _CODEC).lower() != _CODEC:
        raise web.HTTPBadRequest
    try:
        return await request.post()
    except _MALFORMED as error:
        raise web.HTTPBadRequest from error


async def field(request: web.Request, name: str) -> str:
    """Return a field of the form as text; empty if it is missing or a file."""
    value = (await request.post()).get(name, "")
    return value if isinstance(value, str) else ""
