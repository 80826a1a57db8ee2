"""Builds an event for each problem that is new, eased or fixed since the run before, signed by Standard Webhooks.

The id of an event is the same however often it is sent, so that a receiver can ignore repeats
(https://www.standardwebhooks.com, specification 1.0).
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from auditor.figures.comparison import Change, ChangeKind
from auditor.framework.findings import Outcome
from auditor.framework.message_format import clean
from probes.framework.evidence import RunId

MOST = 1_000
"""Events of one run at most; further problems are counted in one more event."""
PREFIX = "whsec_"
_KINDS: Mapping[ChangeKind, str] = {
    ChangeKind.NEW: "new",
    ChangeKind.ADDED: "new",
    ChangeKind.EASED: "eased",
    ChangeKind.FIXED: "fixed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemEvent:
    """Holds one event: its id, its type, and the fields of its ``data``."""

    id: str
    type: str
    data: Mapping[str, object]


def events(changes: Iterable[Change], run: RunId, link: str) -> Iterator[ProblemEvent]:
    """Yield the events of a comparison with the run before."""
    left = 0
    for number, (kind, change) in enumerate((_kind(each), each) for each in changes if _kind(each)):
        if number >= MOST:
            left += 1
            continue
        outline = change.outline
        data: dict[str, object] = {
            "finding": change.id,
            "subject": clean(change.subject, 300),
            "check": outline.check,
            "code": outline.code,
            "outcome": outline.outcome.value,
            "severity": outline.severity.value,
            "address": outline.address,
            "detail": None if outline.detail is None else clean(outline.detail, 300),
            "run": run,
            "link": link or None,
        }
        yield ProblemEvent(id=_id(run, change.id, kind), type=f"problem.{kind}", data=data)
    if left:
        more: dict[str, object] = {"further": left, "run": run, "link": link or None}
        yield ProblemEvent(id=_id(run, "", "more"), type="problem.more", data=more)


def _kind(change: Change) -> str:
    """Return the kind of event; empty for none.

    A failure that is no longer tested is ``gone``, because the subject is no longer listed or is exempt now: a person
    may have a ticket open for it.
    """
    if change.regression:
        return "new"
    failed = change.before is not None and change.before.outcome is Outcome.FAIL
    if failed and (change.after is None or change.after.outcome is Outcome.NOT_APPLICABLE):
        return "gone" if change.kind in (ChangeKind.GONE, ChangeKind.CHANGED) else ""
    return _KINDS.get(change.kind, "")


def _id(*parts: str) -> str:
    return f"msg_{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"


def body(event: ProblemEvent, ended: str) -> bytes:
    """Return the JSON that is sent and signed."""
    content = {"type": event.type, "timestamp": ended, "data": event.data}
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def headers(event: ProblemEvent, secret: bytes, time: int, data: bytes) -> dict[str, str]:
    """Return the headers of Standard Webhooks, with the signature over id, time and body."""
    signed = f"{event.id}.{time}.".encode() + data
    digest = hmac.new(key(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": event.id,
        "webhook-timestamp": str(time),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def key(secret: bytes) -> bytes:
    """Return the signing key: the decoded part of ``whsec_…``, or any other secret as it is."""
    text = secret.decode("utf-8", "replace")
    if text.startswith(PREFIX):
        try:
            return base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            return secret
    return secret
