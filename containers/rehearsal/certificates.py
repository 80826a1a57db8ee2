"""Issues certificates from a private authority: root, intermediate, and one certificate for each host and defect.

The root is `ca.pem`, the trust store of everything in the rehearsal, and plays a public one: so the certificates
carry SCTs with the ids of logs that browsers know. Servers send leaf and intermediate. Only one kind names where a
missing issuer can be fetched (AIA), and two name a revocation list; hosts serve both themselves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from auditor.framework import ct_logs
from containers.rehearsal.model import CertificateKind

DAY = timedelta(days=1)
INTERMEDIATE, REVOKED = "trung-gian.der", "thu-hoi.crl"
"""Files of the authority that every web host offers over plain HTTP."""
_REVOKED_SERIAL = 0x7E40
_PROOFS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_LOGS = 2  # as browsers want of certificates for 180 days at most
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAuthority:
    """A certificate that signs others, with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """The root that clients trust and the intermediate that signs everything."""

    root: CertificateAuthority
    intermediate: CertificateAuthority


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFiles:
    """The files a server is configured with."""

    chain: Path
    key: Path


def found() -> Authority:
    """Make a new authority; nothing of it outlives the rehearsal."""
    root = _issuer("Sơn Lâm Root CA", None, path_length=1)
    return Authority(root=root, intermediate=_issuer("Sơn Lâm Intermediate CA", root, path_length=0))


def pem(certificate: x509.Certificate) -> str:
    """Text form."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def served_files(directory: Path, name: str, kind: CertificateKind) -> CertificateFiles:
    """Return the paths of one host's certificate and key."""
    return CertificateFiles(chain=directory / f"{name}.{kind.value}.pem", key=directory / f"{name}.{kind.value}.key")


def publish(authority: Authority, directory: Path) -> None:
    """Write the files that the authority publishes: its intermediate's certificate and its revocation list."""
    issuer, now = authority.intermediate, datetime.now(UTC)
    der = serialization.Encoding.DER
    (directory / INTERMEDIATE).write_bytes(issuer.certificate.public_bytes(der))
    entry = x509.RevokedCertificateBuilder().serial_number(_REVOKED_SERIAL).revocation_date(now - 2 * DAY)
    entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(now - DAY).next_update(now + 7 * DAY).add_revoked_certificate(entry.build())
    (directory / REVOKED).write_bytes(builder.sign(issuer.key, hashes.SHA256()).public_bytes(der))


def certify(authority: Authority, directory: Path, name: str, kind: CertificateKind) -> None:
    """Write the certificate of one host with its chain as served, and its key."""
    key = _key(kind)
    leaf = _leaf(authority.intermediate, key, name, kind)
    alone = kind in (CertificateKind.SELF_SIGNED, CertificateKind.NO_INTERMEDIATE, CertificateKind.FETCHABLE)
    files = served_files(directory, name, kind)
    files.chain.write_text(pem(leaf) + ("" if alone else pem(authority.intermediate.certificate)), "ascii")
    files.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _key(kind: CertificateKind) -> Key:
    match kind:
        case CertificateKind.RSA_1024:
            return rsa.generate_private_key(65537, 1024)
        case CertificateKind.RSA_3072:
            return rsa.generate_private_key(65537, 3072)
        case CertificateKind.RSA_2048:
            return rsa.generate_private_key(65537, 2048)
        case _:
            return ec.generate_private_key(ec.SECP256R1())


def certified_name(name: str, kind: CertificateKind) -> str:
    """Return the name that stands in the certificate of a host."""
    if kind is CertificateKind.WRONG_NAME:
        return "may-chu-mau.sonlam.gov.vn"
    return f"www.{name}" if kind is CertificateKind.SIBLING_NAME else name


def validity(kind: CertificateKind, now: datetime) -> tuple[datetime, datetime]:
    """Return the beginning and the end of a certificate's validity."""
    match kind:
        case CertificateKind.EXPIRED:
            return now - 93 * DAY, now - 3 * DAY
        case CertificateKind.TEN_DAYS:
            return now - 80 * DAY, now + 10 * DAY
        case CertificateKind.NOT_YET_VALID:
            return now + 5 * DAY, now + 95 * DAY
        case CertificateKind.OTHER_GOOD:  # also by its dates no twin of the usual one for another algorithm
            return now - 40 * DAY, now + 140 * DAY
        case _:
            return now - DAY, now + 178 * DAY


def _leaf(issuer: CertificateAuthority, key: Key, name: str, kind: CertificateKind) -> x509.Certificate:
    own = kind is CertificateKind.SELF_SIGNED
    subject = _name(name)
    since, until = validity(kind, datetime.now(UTC))
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if own else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(_REVOKED_SERIAL if kind is CertificateKind.REVOKED else x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(certified_name(name, kind))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_authority_key(key if own else issuer.key), critical=False)
    )
    for extension in _more(name, kind):
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key if own else issuer.key, hashes.SHA256())


def _more(name: str, kind: CertificateKind) -> Iterator[x509.ExtensionType]:
    """Yield the extensions of a certificate beside the usual ones."""
    where = f"http://{name}/"
    if kind is not CertificateKind.NO_PROOFS:
        yield x509.UnrecognizedExtension(_PROOFS, _proofs())
    if kind is CertificateKind.FETCHABLE:
        yield _access(AuthorityInformationAccessOID.CA_ISSUERS, where + INTERMEDIATE)
    if kind in (CertificateKind.LISTED, CertificateKind.REVOKED):
        place = x509.UniformResourceIdentifier(where + REVOKED)
        yield x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)])
    if kind is CertificateKind.MUST_STAPLE:
        yield _access(AuthorityInformationAccessOID.OCSP, where + "ocsp")
        yield x509.TLSFeature([x509.TLSFeatureType.status_request])


def _access(method: x509.ObjectIdentifier, url: str) -> x509.AuthorityInformationAccess:
    return x509.AuthorityInformationAccess([x509.AccessDescription(method, x509.UniformResourceIdentifier(url))])


def _proofs() -> bytes:
    """SCTs of logs of different operators, with invalid signatures."""
    known = ct_logs.shipped()
    chosen = list({operator: log for log, operator in known.items()}.values())[:_LOGS]
    each = [b"\0" + bytes.fromhex(log) + bytes(8) + b"\0\0" + b"\x04\x03\0\x02\x30\0" for log in chosen]
    listed = b"".join(len(data).to_bytes(2) + data for data in each)
    data = len(listed).to_bytes(2) + listed
    size = bytes((len(data),)) if len(data) < 128 else b"\x81" + bytes((len(data),))
    return b"\x04" + size + data


def _issuer(name: str, above: CertificateAuthority | None, *, path_length: int) -> CertificateAuthority:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(above.certificate.subject if above else _name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 200 * DAY)
        .not_valid_after(now + 3650 * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_usage(key_cert_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_authority_key(above.key if above else key), critical=False)
    )
    return CertificateAuthority(certificate=builder.sign(above.key if above else key, hashes.SHA256()), key=key)


def _authority_key(key: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(*, digital_signature: bool = False, key_cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
