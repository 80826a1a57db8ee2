"""Gets and checks time stamps over seals (RFC 3161): signatures of an authority that a seal existed at a time.

The server that the configuration names is asked once, redirects are not followed, and the size of its answer is
limited. A stamp is verified offline, against the roots that the configuration pins.
"""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from auditor.framework.operator_problems import OperatorError, problem, unreadable
from auditor.service.pipeline.seals.seal_contents import canonical
from inventory.safe_open import TEXT, read_whole

_PATIENCE = 30.0
_LARGEST = 64 * 1024
"""Maximum octets of an answer; an answer with three certificates has 6,000."""
_OK = 200


class NotStamped(Exception):
    """Raised if there is no valid time stamp; the message tells the operator why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Holds the result of checking a time stamp. If it is not valid, ``time`` is None and ``why`` tells the reason."""

    time: datetime | None = None
    why: str = ""


def stamped(seal: Mapping[str, Any], url: str, roots: Path | None) -> dict[str, str]:
    """Return the member ``timestamp`` of a seal. Raises NotStamped, also for a stamp that ``roots`` do not confirm."""
    pinned = None if roots is None else certificates(roots)
    made = TimestampRequestBuilder().data(message(seal)).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True)
    asked = made.cert_request(cert_request=True).build()
    answer = asyncio.run(_ask(url, asked.as_bytes()))
    if pinned is not None:
        _check(_decoded(answer), message(seal), pinned, asked)
    else:
        _decoded(answer)
    return {"url": url, "response": base64.b64encode(answer).decode()}


def check(seal: Mapping[str, Any], roots: Path) -> Stamp | None:
    """Check the time stamp of a seal; return None for a seal without one."""
    held = seal.get("timestamp")
    if held is None:
        return None
    try:
        answer = base64.b64decode(str(held["response"]), validate=True)
        return Stamp(time=_check(_decoded(answer), message(seal), certificates(roots)))
    except (NotStamped, ValueError, LookupError, TypeError) as error:
        return Stamp(why=str(error))


def message(seal: Mapping[str, Any]) -> bytes:
    """Return the stamped data: the whole seal with its signature."""
    return canonical({key: value for key, value in seal.items() if key != "timestamp"})


def certificates(path: Path) -> Sequence[Certificate]:
    """Read the certificates of a file. Raises OperatorError for a file that holds none."""
    try:
        return load_pem_x509_certificates(read_whole(path, TEXT))
    except OSError as error:
        raise OperatorError([unreadable(error, at=str(path))]) from error
    except ValueError as error:
        raise OperatorError([problem("holds no certificate in PEM", at=str(path))]) from error


async def _ask(url: str, request: bytes) -> bytes:
    import aiohttp

    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    limit = aiohttp.ClientTimeout(total=_PATIENCE)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(url, data=request, headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status != _OK:
                raise NotStamped(f"HTTP {answer.status}")
            data = await answer.content.read(_LARGEST + 1)
            while len(data) <= _LARGEST and not answer.content.at_eof():
                data += await answer.content.read(_LARGEST + 1 - len(data))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise NotStamped(type(error).__name__) from error
    if len(data) > _LARGEST:
        raise NotStamped(f"more than {_LARGEST} octets")
    return data


def _decoded(answer: bytes) -> TimeStampResponse:
    try:
        return decode_timestamp_response(answer)
    except ValueError as error:
        raise NotStamped(str(error)) from error


def _check(
    answer: TimeStampResponse, data: bytes, roots: Sequence[Certificate], asked: TimeStampRequest | None = None
) -> datetime:
    """Return the time of a stamp. Raises NotStamped if it is not valid."""
    builder = VerifierBuilder(roots=list(dict.fromkeys(roots)), nonce=None if asked is None else asked.nonce)
    try:
        builder.build().verify_message(answer, data)
        return answer.tst_info.gen_time
    except (VerificationError, ValueError) as error:
        raise NotStamped(str(error)) from error
