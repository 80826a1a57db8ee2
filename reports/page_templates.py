"""Loads the templates of pages and caches their compiled code beside them, where Python caches modules.

Compiling those of a report takes twenty times as long as writing a small page.
"""

import hashlib
import sys
from contextlib import suppress
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import cache_from_source
from pickle import UnpicklingError

import jinja2
from jinja2.bccache import Bucket

from auditor.framework.message_format import clean


@cache
def environment(*, keep_trailing_newline: bool = False) -> jinja2.Environment:
    """Return the one of this process: text is escaped, and an unknown name fails."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("reports"),
        bytecode_cache=_KeptCode(salt=f"{jinja2.__version__} {keep_trailing_newline}"),
        auto_reload=False,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=keep_trailing_newline,
    )
    made.filters["clean"] = clean
    return made


class _KeptCode(jinja2.BytecodeCache):
    """Caches compiled templates in files, if they can be written. ``salt``: the versions that the code depends on."""

    def __init__(self, salt: str) -> None:
        self._salt = salt
        self._files = SourceFileLoader(__name__, __file__)

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return cache_from_source(filename or name)

    def get_source_checksum(self, source: str) -> str:
        return hashlib.sha256(f"{self._salt}\n{source}".encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError, EOFError, UnpicklingError):
            bucket.bytecode_from_string(self._files.get_data(bucket.key))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            self._files.set_data(bucket.key, bucket.bytecode_to_string())
