"""Reads MTA-STS (RFC 8461) and SMTP TLS reporting (RFC 8460): records, policy, and the hosts it covers. No I/O."""

import re
from dataclasses import dataclass

from probes.wire.mail.spf.record import text_of
from probes.wire.mail.taglist import NotATagList, parse

MAX_AGE = 31_557_600
MODES = frozenset({"enforce", "testing", "none"})
_ID = re.compile(r"[A-Za-z0-9]{1,32}", re.ASCII)
_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):(.*)", re.ASCII)
_HOST = re.compile(r"(\*\.)?[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?", re.ASCII)
_PATTERNS = 100


class NotAPolicy(ValueError):
    """Raised if senders cannot use the policy; the text is the part that is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MtaStsPolicy:
    """Holds a policy. ``mx`` are host names and wildcards (``*.``) in lower case without the final dot."""

    mode: str
    max_age: int
    mx: tuple[str, ...] = ()

    def covers(self, host: str) -> bool:
        """True if mail may go to ``host``; a wildcard stands for exactly one label (RFC 8461 §4.1)."""
        rest = host.partition(".")[2]
        return any(pattern == host or (rest != "" and pattern == f"*.{rest}") for pattern in self.mx)


def announced(answer: tuple[str, ...]) -> list[str]:
    """Return the TXT records that announce a policy (RFC 8461 §3.1); senders treat more than one as none."""
    return [text for text in map(text_of, answer) if re.match(r"v=STSv1[ \t]*(;|\Z)", text)]


def identity(text: str) -> str:
    """Return the id of an announcement. Raise NotAPolicy if it has no valid id."""
    try:
        found = parse(text).get("id", "")
    except NotATagList as problem:
        raise NotAPolicy(str(problem) or text[:80]) from problem
    if not _ID.fullmatch(found):
        raise NotAPolicy("id")
    return found


def read(body: bytes) -> MtaStsPolicy:
    """Return the policy in a file (RFC 8461 §3.2). Unknown keys are ignored. Raise NotAPolicy if it is invalid."""
    try:
        lines = body.decode("utf-8").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as problem:
        raise NotAPolicy("UTF-8") from problem
    pairs = []
    for line in lines:
        met = _LINE.fullmatch(line)
        if met is None and line.strip():
            raise NotAPolicy(line.strip()[:80])
        pairs += [(met[1], met[2].strip(" \t"))] if met is not None else []
    values = {key: value for key, value in reversed(pairs) if key != "mx"}
    if not pairs or values.get("version") != "STSv1":
        raise NotAPolicy("version")
    mode, age = values.get("mode", ""), values.get("max_age", "")
    if mode not in MODES:
        raise NotAPolicy("mode")
    if not (age.isascii() and age.isdigit() and len(age) <= 10 and int(age) <= MAX_AGE):
        raise NotAPolicy("max_age")
    mx = [value for key, value in pairs if key == "mx"][:_PATTERNS]
    if any(not _HOST.fullmatch(pattern) for pattern in mx) or (mode != "none" and not mx):
        raise NotAPolicy("mx")
    return MtaStsPolicy(mode=mode, max_age=int(age), mx=tuple(pattern.lower().removesuffix(".") for pattern in mx))


def reports_to(answer: tuple[str, ...]) -> tuple[str, ...]:
    """Return the addresses for TLS reports (RFC 8460 §3); none unless there is exactly one valid record."""
    texts = [text for text in map(text_of, answer) if re.match(r"v=TLSRPTv1[ \t]*;", text)]
    if len(texts) != 1:
        return ()
    try:
        rua = parse(texts[0]).get("rua", "")
    except NotATagList:
        return ()
    found = (uri.strip() for uri in rua.split(",")[:20])
    return tuple(uri[:200] for uri in found if uri.lower().startswith(("mailto:", "https://")))
