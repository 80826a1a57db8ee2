"""Keeps the cookies of one redirect chain: each is sent back only to the host that set it, and dropped at the end.

Some front ends reject requests without the cookie that their first answer sets. Nothing is kept beyond a chain, and
each host only gets back its own cookies.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

COOKIES = 30
SIZE = 4_096
"""The bytes of one cookie that browsers accept (RFC 6265 §6.1)."""


class Cookies:
    """Holds the cookies of one chain."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, tuple[str, bool]]] = {}

    def take(self, url: str, headers: Iterable[tuple[str, str]]) -> bool:
        """Keep the cookies that an answer from ``url`` sets; return True if it set any."""
        held = self._of.setdefault(_host(url), {})
        sent = [value for name, value in headers if name.lower() == "set-cookie"]
        for text in sent:
            pair, *attributes = text.split(";")
            name, equals, value = (word.strip() for word in pair.partition("="))
            flags = {word.partition("=")[0].strip().lower(): word.partition("=")[2].strip() for word in attributes}
            if not equals or not name or len(pair) > SIZE or not f"{name}{value}".isprintable():
                continue
            held.pop(name, None)
            if flags.get("max-age", "1").lstrip("0") and not flags.get("max-age", "").startswith("-"):
                held[name] = (value, "secure" in flags)
            if len(held) > COOKIES:
                del held[next(iter(held))]
        return bool(sent)

    def sent_to(self, url: str) -> tuple[tuple[str, str], ...]:
        """Return the Cookie header of a request for ``url``; none if nothing was set for its host."""
        safe = url.lower().startswith("https:")
        held = self._of.get(_host(url), {})
        text = "; ".join(f"{name}={value}" for name, (value, secure) in held.items() if safe or not secure)
        return (("Cookie", text),) if text else ()


class RedirectChain:
    """Decides which URLs of a redirect chain are requested: each once, with two exceptions.

    A URL is requested once more if the cookies for it changed since (by a log-in on another host, say), or if it set
    one and redirects to itself.
    """

    def __init__(self) -> None:
        self.cookies = Cookies()
        self._asked: dict[str, tuple[tuple[str, str], ...]] = {}
        self._again: set[str] = set()
        self._tests = False

    def enters(self, url: str) -> bool:
        """True if ``url`` should be requested now."""
        sent = self.cookies.sent_to(url)
        if url in self._asked:
            if url in self._again or not (self._tests or sent != self._asked[url]):
                return False
            self._again.add(url)
        self._asked[url] = sent
        return True

    def answered(self, url: str, location: str | None, headers: Iterable[tuple[str, str]]) -> None:
        """Keep the cookies that ``url`` set and note if it redirects to itself with them."""
        set_one = self.cookies.take(url, headers)
        self._tests = set_one and location is not None and location.partition("#")[0] == url


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
