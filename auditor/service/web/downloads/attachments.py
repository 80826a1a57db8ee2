"""Answers with a file that a browser saves."""

from urllib.parse import quote

from aiohttp import web

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The content type of workbooks."""


def attachment(data: bytes, name: str, content_type: str) -> web.Response:
    """Return a response with bytes that a browser saves under a name."""
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return web.Response(body=data, content_type=content_type, headers={"Content-Disposition": disposition})
