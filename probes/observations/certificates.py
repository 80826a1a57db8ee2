"""Defines observations of issuers' certificates, revocation lists, OCSP staples and certificate transparency."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from probes.framework.evidence import Attribution, observation
from probes.observations.certificate_text import chain_lines
from probes.observations.places import TcpStep, TlsStep
from probes.observations.text import Word, also, end, label, moment, octets, short, status_text

_MUST_STAPLE = bytes.fromhex("06082b06010505070118")
"""The identifier of the TLS feature extension (RFC 7633), as it stands in a certificate."""


@observation("issuer-fetch", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerFetch(TcpStep):
    """Records one GET of the issuer's certificate at the URL that a certificate names (RFC 5280 §4.2.2.1).

    The result may also be that of an earlier GET of the same run. ``certificate`` is the SHA-256 of the certificate
    that names the URL; ``issuers`` are the certificates in DER that were there. ``truncated``: the answer was larger
    than we take.
    """

    LARGE: ClassVar[bool] = True

    url: str
    certificate: bytes
    status: int | None = None
    issuers: tuple[bytes, ...] = ()
    truncated: bool = False

    def lines(self, word: Word) -> Iterator[str]:
        asked = word("issuer of certificate {}: GET {} at {}")
        asked = asked.format(self.certificate.hex()[:16], short(self.url), self.where_text())
        came = word("{} certificates").format(len(self.issuers))
        text = f"{status_text(self.status, word)}, {came}{word(' (cut)') if self.truncated else ''}"
        yield f"{asked} → {end(self, text, word)}"
        yield from chain_lines(self.issuers, word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """Holds an entry of a list: since when, and the reason by its name in RFC 5280 §5.3.1, empty without one."""

    since: datetime
    reason: str = ""


@observation("revocation-list", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationList(TcpStep):
    """Records the fields of a revocation list (CRL) that matter for one certificate.

    The list itself may be of megabytes and is not kept. ``certificate`` is the SHA-256 of the certificate in question.
    ``digest`` is that of the signed part under ``hashed``, so that ``signature`` can be verified without the list;
    ``algorithm`` is the identifier of the signature's algorithm.
    ``readable`` False: the answer is no revocation list. ``truncated``: it was larger than we take.
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

    def lines(self, word: Word) -> Iterator[str]:
        asked = word("revocation list for certificate {}: GET {} at {}")
        asked = asked.format(self.certificate.hex()[:16], short(self.url), self.where_text())
        cut = word(" (cut)") if self.truncated else ""
        yield f"{asked} → {end(self, f'{status_text(self.status, word)}, {self.size} B{cut}', word)}"
        if not self.readable:
            yield label(word, "list") + word("unreadable")
            return
        dates = word("of {}, next {}").format(moment(self.this_update, word), moment(self.next_update, word))
        yield label(word, "list") + dates + also(word("signed with"), self.algorithm)
        if self.entry is None:
            yield label(word, "revoked") + word("no")
        else:
            since = word("since {}").format(moment(self.entry.since, word))
            yield label(word, "revoked") + since + also(word("reason"), self.entry.reason)


@observation("other-certificate", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCertificate(TlsStep):
    """Records one of several chains that a server presents to hellos before TLS 1.3 that offer different things.

    The server has a key of each kind, or is one of several servers behind the address. Each chain is a step of its own.
    """

    LARGE: ClassVar[bool] = True

    chain: tuple[bytes, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        shown = word("one of several certificates {}").format(self.service_text(word))
        yield f"{shown} → {end(self, word('{} certificates').format(len(self.chain)), word)}"
        yield from chain_lines(self.chain, word)


@observation("tls-staple", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsStaple(TlsStep):
    """Records the OCSP response and time stamps that a server sends with its certificate to a client that asks.

    ``ocsp`` is the response (RFC 6066 §8), the time stamps are those of logs (RFC 6962 §3.3), each as it was sent,
    empty where none was. ``chain`` are the certificates that they came with.
    """

    LARGE: ClassVar[bool] = True

    version: str | None = None
    chain: tuple[bytes, ...] = ()
    ocsp: bytes = b""
    timestamps: bytes = b""

    def lines(self, word: Word) -> Iterator[str]:
        version = self.version or word("handshake")
        yield word("staple {} → {}").format(self.service_text(word), end(self, version, word))
        yield f"  OCSP       {octets(self.ocsp, word)}"
        yield f"  SCTs       {octets(self.timestamps, word)}"
        yield from chain_lines(self.chain, word)

    @property
    def worth_confirming(self) -> bool:
        """True if the step failed for a reason other than ours, or the certificate requires a staple and none came.

        Some servers have no response to send until a first client has asked for it.
        """
        ours = self.failure is not None and self.failure.kind.attribution is Attribution.OURS
        promised = any(_MUST_STAPLE in der for der in self.chain[:1])
        return not ours and (self.failure is not None or (promised and not self.ocsp))
