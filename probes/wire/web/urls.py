"""Resolves references as browsers do, and tells URLs of files from URLs of pages. Pure."""

import re
from urllib.parse import urljoin, urlsplit

_BEHIND = re.compile(r"[?#]")
_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*+:", re.IGNORECASE)
_OF_THE_WEB = re.compile(r"(https?):(/*+)", re.IGNORECASE)
_HOST = re.compile(r"/{2,}+")

_IMAGES = {"gif", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp"}
_SOUND_AND_FILM = {"avi", "mov", "mp3", "mp4", "wav", "webm"}
_DOCUMENTS = {"csv", "doc", "docx", "ods", "odt", "pdf", "ppt", "pptx", "txt", "xls", "xlsx"}
_ARCHIVES = {"7z", "bin", "bz2", "dat", "exe", "gz", "img", "iso", "msi", "rar", "rpm", "tar", "tgz", "xz", "zip"}
_FILES = frozenset({*_IMAGES, *_SOUND_AND_FILM, *_DOCUMENTS, *_ARCHIVES, "css", "js", "json", "xml"})


def resolved(base: str, reference: str) -> str:
    """Return the address to which ``reference`` leads from ``base``, both web addresses, as browsers read it.

    Before a query a backslash is a slash, and a host may follow more or fewer slashes than two (WHATWG URL §4.4). Raise
    ValueError if it is no address.
    """
    front: str = _BEHIND.split(reference, maxsplit=1)[0]
    if _OTHER_SCHEME.match(front):
        return urljoin(base, reference)
    rest, front = reference[len(front) :], front.replace("\\", "/")
    if (web := _OF_THE_WEB.match(front)) is not None:
        if len(web[2]) > 1 or web[1].lower() != urlsplit(base).scheme:
            front = f"{web[1]}://{front[web.end() :]}"
    else:
        front = _HOST.sub("//", front, count=1) if front.startswith("//") else front
    return urljoin(base, front + rest)


def is_file(url: str) -> bool:
    """True if ``url`` names a file to download, by its extension, and not a page to view."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return False
    _, dot, ending = path.rpartition("/")[2].rpartition(".")
    return bool(dot) and ending.lower() in _FILES
