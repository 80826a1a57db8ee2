"""Makes and reads cursors, which mark the beginning of the next page of a list.

They are opaque to programs. A cursor that this service did not make is answered with 404.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import TypeVar

from auditor.service.web.api.problems import Refused

T = TypeVar("T")


def cursor(*place: str | int) -> str:
    """Return the cursor of the page that begins after ``place``."""
    text = json.dumps(place).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def place(given: str | None, *shape: type) -> tuple[str | int, ...] | None:
    """Return the values that a cursor was made of; None at the beginning. Raises Refused (404) for any other text."""
    if given is None:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    except (ValueError, RecursionError, binascii.Error) as error:
        raise Refused(404, "no_page") from error
    if not isinstance(found, list) or [type(one) for one in found] != list(shape):
        raise Refused(404, "no_page")
    return tuple(found)


def numbered(every: Sequence[T], given: str | None, limit: int) -> tuple[Sequence[T], str | None]:
    """Return a piece of a list that does not change, and the cursor of the next one."""
    found = place(given, int)
    start = 0 if found is None else int(found[0])
    if start < 0:
        raise Refused(404, "no_page")
    more = start + limit < len(every)
    return every[start : start + limit], cursor(start + limit) if more else None
