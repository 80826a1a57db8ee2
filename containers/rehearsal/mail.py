"""Describes the listeners on port 25 and their services, and configures a real Postfix for some of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from containers.rehearsal.addressing import AddressPlan
from containers.rehearsal.certificates import served_files
from containers.rehearsal.model import (
    CertificateKind,
    Clients,
    ExchangerSpec,
    ListenerSpec,
    MailSpec,
    Province,
    SmtpBehaviour,
    TlsSetup,
)

Address = IPv4Address | IPv6Address
CLIENT_PORTS = {"_submissions._tcp": 465, "_imaps._tcp": 993}
"""The SRV labels of services for mail programs, with their ports."""
STRONG = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFace:
    """Describes one mail host on the addresses of one family."""

    name: str
    domain: str
    exchanger: ExchangerSpec
    face: ListenerSpec
    addresses: tuple[Address, ...]


def shown(province: Province, layout: AddressPlan) -> Iterator[MailFace]:
    """Yield all listeners on port 25 in the province."""
    for mail in province.mails:
        domain = province.fqdn(mail.label)
        for exchanger in mail.exchangers:
            name = f"{exchanger.label}.{domain}"
            seat, v6 = layout.exchangers[name], exchanger.face_v6 or exchanger.face
            for face, addresses in ((exchanger.face, seat.v4), (v6, seat.v6)):
                if addresses and face.smtp is not SmtpBehaviour.CLOSED:
                    yield MailFace(name=name, domain=domain, exchanger=exchanger, face=face, addresses=addresses)


def client_listeners(province: Province, layout: AddressPlan) -> Iterator[tuple[str, Address, TlsSetup]]:
    """The hosts that SRV records lead to, with each address on which the services for mail programs listen, and how."""
    for mail in province.mails:
        if mail.clients is not Clients.NONE:
            name = f"{mail.exchangers[0].label}.{province.fqdn(mail.label)}"
            seat = layout.exchangers[name]
            places: tuple[Address, ...] = seat.every() if mail.clients is Clients.BOTH else seat.v4
            yield from ((name, address, mail.clients_tls) for address in places)


def client_rows(every: Iterable[tuple[str, Address, TlsSetup]], certificates: Path) -> list[dict[str, str]]:
    """Return the same as the scripted peer reads them."""
    files = ((address, tls, served_files(certificates, name, CertificateKind.GOOD)) for name, address, tls in every)
    return [
        {"address": str(address), "chain": str(pair.chain), "key": str(pair.key), "tls": tls.name}
        for address, tls, pair in files
    ]


def with_keys(province: Province, certificates: Path) -> Province:
    """The same province, with the digests of the keys that its TLSA records are of (RFC 6698 §2.1.2): ``{key}`` is the
    exchanger's own, ``{authority}`` that of the authority which it sends along."""

    def record(mail_spec: MailSpec, text: str) -> str:
        if "{" not in text:
            return text
        exchanger = mail_spec.exchangers[0]
        name = f"{exchanger.label}.{province.fqdn(mail_spec.label)}"
        chain = served_files(certificates, name, exchanger.face.certificate).chain.read_bytes()
        own, authority = (
            _key_digest(load_pem_x509_certificate)
            for load_pem_x509_certificate in x509.load_pem_x509_certificates(chain)[:2]
        )
        return text.format(key=own, authority=authority)

    mails = tuple(replace(mail, tlsa=tuple(record(mail, text) for text in mail.tlsa)) for mail in province.mails)
    return replace(province, mails=mails)


def _key_digest(certificate: x509.Certificate) -> str:
    info = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(info).hexdigest()


def certificates_needed(province: Province, layout: AddressPlan) -> Iterator[tuple[str, CertificateKind]]:
    """Which certificates mail hosts are configured with, each once."""
    yield from dict.fromkeys((mail_face.name, mail_face.face.certificate) for mail_face in shown(province, layout))


def rows(every: Iterable[MailFace], certificates: Path) -> list[dict[str, str]]:
    """Listeners as the scripted peer and the starter of Postfix read them."""
    return [
        {
            "name": mail_face.name,
            "domain": mail_face.domain,
            "address": str(address),
            "smtp": mail_face.face.smtp.name,
            "tls": mail_face.face.tls.name,
            "chain": str(served_files(certificates, mail_face.name, mail_face.face.certificate).chain),
            "key": str(served_files(certificates, mail_face.name, mail_face.face.certificate).key),
        }
        for mail_face in every
        for address in mail_face.addresses
    ]


def main_cf(home: Path, domains: Iterable[str]) -> str:
    """Return the settings that all listeners of the Postfix share. ``home`` must be open to its own user."""
    served = sorted(set(domains))
    settings = {
        "compatibility_level": "3.6",
        "queue_directory": home / "spool",
        "data_directory": home / "data",
        "command_directory": "/usr/sbin",
        "daemon_directory": "/usr/lib/postfix/sbin",
        "maillog_file": "/dev/stdout",
        "inet_interfaces": "all",
        "inet_protocols": "all",
        "myhostname": "postfix.invalid",
        "mynetworks": "127.0.0.0/8",
        "mydestination": "",
        "relay_domains": " ".join(served),
        "relay_recipient_maps": f"inline:{{{', '.join(f'postmaster@{domain}=known' for domain in served)}}}",
        "local_recipient_maps": "",
        "alias_maps": "",
        "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
        "smtpd_peername_lookup": "no",
        "smtpd_tls_security_level": "may",
        "smtpd_tls_mandatory_protocols": ">=TLSv1.2",
        "smtpd_tls_protocols": ">=TLSv1.2",
        "smtpd_tls_ciphers": "high",
        "tls_high_cipherlist": STRONG,
        "tls_eecdh_auto_curves": "X25519 prime256v1",
        "tls_ssl_options": "NO_TICKET, NO_RENEGOTIATION",
        "smtpd_client_connection_count_limit": "0",
        "anvil_rate_time_unit": "1s",
        "import_environment": f"MAIL_CONFIG MAIL_LOGTAG POSTLOG_SERVICE LANG=C OPENSSL_CONF={home / 'openssl.cnf'}",
    }
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


OPENSSL = """openssl_conf = rehearsal
[rehearsal]
ssl_conf = servers
[servers]
system_default = everything
[everything]
SignatureAlgorithms = ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA+SHA256
"""
"""OpenSSL configuration that forbids signatures with SHA-1, for which Postfix has no setting."""


def master_cf(listeners: Iterable[dict[str, str]]) -> str:
    """Return master.cf with a listener for each address, by name, certificate and policy, and the services behind."""
    own = "".join(_service(listener) for listener in listeners)
    return own + "".join(f"{line}\n" for line in _BEHIND)


def _service(one: dict[str, str]) -> str:
    options = {"myhostname": one["name"], "smtpd_tls_chain_files": f"{one['key']},{one['chain']}"}
    if one["smtp"] == SmtpBehaviour.NO_STARTTLS.name:
        options["smtpd_tls_security_level"] = "none"
    if one["smtp"] == SmtpBehaviour.RELAYS.name:
        options["mynetworks"] = "0.0.0.0/0,[::]/0"  # the whole Internet is "our own network"
    if one["smtp"] == SmtpBehaviour.GREYLISTS.name:
        options |= {"smtpd_delay_reject": "no", "smtpd_client_restrictions": "defer"}
    if one["tls"] == TlsSetup.OLD_VERSIONS.name:
        options |= {"smtpd_tls_protocols": ">=TLSv1", "tls_high_cipherlist": "ALL:!aNULL:@SECLEVEL=0"}
    address = f"[{one['address']}]" if ":" in one["address"] else one["address"]
    text = "".join(f"  -o {name}={value}\n" for name, value in options.items())
    return f"{address}:25 inet n - n - - smtpd\n{text}"


_BEHIND = (
    "cleanup unix n - n - 0 cleanup",
    "rewrite unix - - n - - trivial-rewrite",
    "proxymap unix - - n - - proxymap",
    "anvil unix - - n - 1 anvil",
    "tlsmgr unix - - n 1000? 1 tlsmgr",
    "postlog unix-dgram n - n - 1 postlogd",
)
"""The services behind the listeners: without queue manager and delivery, because no client here sends DATA."""
