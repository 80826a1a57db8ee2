"""Tells URLs of files from URLs of pages. Pure."""

from urllib.parse import urlsplit

_IMAGES = {"gif", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp"}
_SOUND_AND_FILM = {"avi", "mov", "mp3", "mp4", "wav", "webm"}
_DOCUMENTS = {"csv", "doc", "docx", "ods", "odt", "pdf", "ppt", "pptx", "txt", "xls", "xlsx"}
_ARCHIVES = {"7z", "bin", "bz2", "dat", "exe", "gz", "img", "iso", "msi", "rar", "rpm", "tar", "tgz", "xz", "zip"}
_FILES = frozenset({*_IMAGES, *_SOUND_AND_FILM, *_DOCUMENTS, *_ARCHIVES, "css", "js", "json", "xml"})


def is_file(url: str) -> bool:
    """Whether ``url`` names a file to download, by its ending, and not a page to look at."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return False
    _, dot, ending = path.rpartition("/")[2].rpartition(".")
    return bool(dot) and ending.lower() in _FILES
