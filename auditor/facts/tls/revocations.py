"""Decides whether a certificate is revoked, from its authority's list or a stapled OCSP response.

Everything is judged at the time at which it came (CHECKS, G3), and only data that the authority signed counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from auditor.facts.tls.certificates import Certificate
from auditor.facts.tls.signed_by import list_is_of, response_is_of
from probes.framework.evidence import Evidence
from probes.observations.certificates import RevocationList
from probes.wire.certificates.errors import UNREADABLE

_NOT_REVOKED = "removeFromCRL"


class List(IntEnum):
    """Names the results of a revocation list; of several lists the result that comes first here counts."""

    REVOKED = 0
    CLEAN = 1
    OUT_OF_DATE = 2
    TOO_LARGE = 3
    NOT_HAD = 4


class Staple(IntEnum):
    """Names the results of a staple; of several the result that comes first here counts."""

    REVOKED = 0
    GOOD = 1
    OUT_OF_DATE = 2
    USELESS = 3  # not of this certificate, not signed by its authority, or an error
    MISSING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """Holds the revocation data that a certificate promises. ``staple``: not owed without a responder to provide it."""

    lists: bool
    staple: bool


def promises(leaf: Certificate) -> Promises:
    responders = _responders(leaf)
    return Promises(lists=_names_lists(leaf), staple=responders and _must_staple(leaf))


def of_list(envelope: Evidence, revocation_list: RevocationList, issuers: Sequence[Certificate]) -> List:
    if revocation_list.truncated:
        return List.TOO_LARGE
    if revocation_list.failure is not None or not revocation_list.readable or not list_is_of(revocation_list, issuers):
        return List.NOT_HAD
    if revocation_list.entry is not None and revocation_list.entry.reason != _NOT_REVOKED:
        return List.REVOKED
    due = revocation_list.next_update
    return List.OUT_OF_DATE if due is None or due < envelope.started else List.CLEAN


def of_staple(response: bytes, at: datetime, leaf: Certificate, issuers: Iterable[Certificate]) -> Staple:
    if not response:
        return Staple.MISSING
    try:
        read = ocsp.load_der_ocsp_response(response)
        if read.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return Staple.USELESS
        own = read.serial_number == leaf.parsed.serial_number and response_is_of(read, issuers)
        if not own or read.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
            return Staple.USELESS
        if read.certificate_status is ocsp.OCSPCertStatus.REVOKED:
            return Staple.REVOKED
        due = read.next_update_utc
    except UNREADABLE:
        return Staple.USELESS
    return Staple.OUT_OF_DATE if due is not None and due < at else Staple.GOOD


def _names_lists(leaf: Certificate) -> bool:
    try:
        points = leaf.parsed.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    return any(point.full_name for point in points)


def _must_staple(leaf: Certificate) -> bool:
    try:
        features = leaf.parsed.extensions.get_extension_for_class(x509.TLSFeature).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    return x509.TLSFeatureType.status_request in features


def _responders(leaf: Certificate) -> bool:
    try:
        access = leaf.parsed.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return False
    return any(description.access_method == AuthorityInformationAccessOID.OCSP for description in access)
