"""What certificates promise beside what they are: where their issuers are to be fetched, lists of those revoked,
staples, and proofs that logs have them. Recorded without verification, as certificates themselves are."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from probes.framework.evidence import Blame, observation
from probes.observations.places import TcpStep, TlsStep

_MUST_STAPLE = bytes.fromhex("06082b06010505070118")
"""The identifier of the TLS feature extension (RFC 7633), as it stands in a certificate."""


@observation("issuer-fetch", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerFetch(TcpStep):
    """One GET of where a certificate says that its issuer's is (RFC 5280 §4.2.2.1), or its result again in this run.

    ``certificate`` is the SHA-256 of the one that says so; ``issuers`` are the certificates in DER that were there.
    ``truncated``: it was larger than we take.
    """

    LARGE: ClassVar[bool] = True

    url: str
    certificate: bytes
    status: int | None = None
    issuers: tuple[bytes, ...] = ()
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """An entry of a list: since when, and the reason by its name in RFC 5280 §5.3.1; empty where none is given."""

    since: datetime
    reason: str = ""


@observation("revocation-list", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationList(TcpStep):
    """What a list of revoked certificates says of one; the list itself may be of megabytes and is not kept.

    ``certificate`` is the SHA-256 of the one it was asked about. ``digest`` is that of the signed part under
    ``hashed``, so that ``signature`` can be verified without the list; ``algorithm`` is the identifier of the
    signature's.
    ``readable`` False: what was there is no list. ``truncated``: it was larger than we take.
    """

    LARGE: ClassVar[bool] = True

    url: str
    certificate: bytes
    status: int | None = None
    size: int = 0
    readable: bool = False
    truncated: bool = False
    issuer: bytes = b""
    this_update: datetime | None = None
    next_update: datetime | None = None
    algorithm: str = ""
    hashed: str = ""
    digest: bytes = b""
    signature: bytes = b""
    entry: Revoked | None = None


@observation("tls-staple", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsStaple(TlsStep):
    """What a server sends beside its certificate to a client that asks: an OCSP response (RFC 6066 §8) and time stamps
    of logs (RFC 6962 §3.3), each as it was sent, empty where none was. ``chain`` is what they came with."""

    LARGE: ClassVar[bool] = True

    version: str | None = None
    chain: tuple[bytes, ...] = ()
    ocsp: bytes = b""
    timestamps: bytes = b""

    @property
    def worth_confirming(self) -> bool:
        """Also a promise that was not kept: some servers have no response to send before somebody asked for it."""
        ours = self.failure is not None and self.failure.kind.blame is Blame.OURS
        promised = any(_MUST_STAPLE in der for der in self.chain[:1])
        return not ours and (self.failure is not None or (promised and not self.ocsp))
