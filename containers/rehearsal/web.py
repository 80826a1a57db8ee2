"""Writes nginx configurations: one server for the province's portals, one for those in the highlands.

Each portal has addresses of its own, so a block answers any name it is asked for on them, as the only site of a
small machine does. Pages follow the rules on purpose (HSTS, CSP, security.txt, an object of more than 100 kB): a
healthy portal must fail no check.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from containers.rehearsal.addressing import AddressPlan, Seat
from containers.rehearsal.certificates import INTERMEDIATE, REVOKED, served_files
from containers.rehearsal.model import CertificateKind, Face, MailSpec, PortalSpec, Province, TlsSetup
from containers.rehearsal.web_answers import Contact, WebAnswer

Address = IPv4Address | IPv6Address

CSP = (
    "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = (
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ("Content-Security-Policy", CSP),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)
GONE = "/trang-cu"
"""A page that every site had once."""
DEFAULT_PAGE = "<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1></body></html>"
OTHER_PAGE = "<html><head><title>Thông báo bảo trì</title></head><body><p>Trang đang được bảo trì.</p></body></html>"
REJECTED = (
    "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your"
    " administrator. Your support ID is: 4711</body></html>"
)
COOKIE_SCRIPT = '<html><body><script>document.cookie="D1N=ab12cd";window.location.reload(true);</script></body></html>'
WALL = "ddp=1; Path=/; Secure; HttpOnly; SameSite=Lax"
ADMIN_PAGE = "<html><head><title>pve - Proxmox Virtual Environment</title></head><body></body></html>"
HEAD = """\
daemon off; master_process off; user root root; worker_rlimit_nofile 4096;
pid {work}/nginx.pid; error_log {work}/error.log warn;
events {{ worker_connections 2048; }}
http {{
  access_log {work}/access.log;
  client_body_temp_path {work}/body; proxy_temp_path {work}/proxy; fastcgi_temp_path {work}/fastcgi;
  uwsgi_temp_path {work}/uwsgi; scgi_temp_path {work}/scgi;
  types {{ text/html html; text/css css; image/svg+xml svg; text/plain txt; }}
  charset utf-8; server_tokens off; server_names_hash_bucket_size 128;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1; ssl_session_tickets off;
  ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305;
"""
OAKLEY_GROUP_2 = """\
-----BEGIN DH PARAMETERS-----
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
-----END DH PARAMETERS-----
"""
STRONG = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384"
STRONG_RSA = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"
TLS = {
    TlsSetup.GOOD: (),
    TlsSetup.OLD_VERSIONS: (
        "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;",
        f"ssl_ciphers {STRONG}:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0;",
    ),
    TlsSetup.ONLY_12: ("ssl_protocols TLSv1.2;",),
    TlsSetup.CBC_SHA1: (f"ssl_ciphers {STRONG}:ECDHE-ECDSA-AES128-SHA;", "ssl_prefer_server_ciphers on;"),
    TlsSetup.CBC_SHA256: (f"ssl_ciphers {STRONG}:ECDHE-ECDSA-AES128-SHA256;", "ssl_prefer_server_ciphers on;"),
    TlsSetup.P224: ("ssl_ecdh_curve X25519:prime256v1:secp224r1;",),
    TlsSetup.NO_EMS: ("ssl_conf_command Options -ExtendedMasterSecret;",),
    TlsSetup.EARLY_DATA: ("ssl_session_tickets on;", "ssl_early_data on;"),
    TlsSetup.COMMON_PRIME: (
        f"ssl_ciphers {STRONG_RSA}:DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0;",
        "ssl_prefer_server_ciphers on;",
        "ssl_dhparam {pages}/oakley2.pem;",
    ),
    TlsSetup.RSA: (f"ssl_ciphers {STRONG_RSA};",),
    TlsSetup.RSA_SMALL: (f"ssl_ciphers {STRONG_RSA}:@SECLEVEL=0;",),
}
"""The lines of a server block beside HEAD. Security level 0 lets OpenSSL speak TLS 1.0 and load a key of 1024 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPaths:
    """Directories that the configuration points into."""

    work: Path
    certificates: Path
    pages: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalFace:
    """Describes one face of one portal on the addresses of one family (or of both, if they are the same)."""

    name: str
    portal: PortalSpec
    face: Face
    addresses: tuple[Address, ...]


def shown(province: Province, layout: AddressPlan, site: str) -> Iterator[PortalFace]:
    """Yield every face that the web server of a site shows."""
    for portal in province.portals:
        name = province.fqdn(portal.label)
        seat = layout.portals[name]
        if seat.site != site or portal.quirk is not None:
            continue
        if portal.face_v6 is None:
            yield PortalFace(name=name, portal=portal, face=portal.face, addresses=seat.every())
        else:
            yield PortalFace(name=name, portal=portal, face=portal.face, addresses=seat.v4)
            yield PortalFace(name=name, portal=portal, face=portal.face_v6, addresses=seat.v6)


def quirky(province: Province, layout: AddressPlan, paths: WebPaths) -> Iterator[dict[str, object]]:
    """Yield the configuration of the scripted peer, a row for each address."""
    for portal in province.portals:
        name = province.fqdn(portal.label)
        if portal.quirk is None:
            continue
        files = served_files(paths.certificates, name, portal.face.certificate)
        for address in layout.portals[name].every():
            yield {
                "quirk": portal.quirk.name,
                "address": str(address),
                "name": name,
                "chain": str(files.chain),
                "key": str(files.key),
                "pages": str(paths.pages),
                "headers": list(HEADERS),
            }


def flawed(province: Province, layout: AddressPlan, paths: WebPaths) -> Iterator[dict[str, str]]:
    """Yield the configuration of the scripted peer with TLS flaws, a row for each address."""
    for portal in province.portals:
        if portal.flaw is None:
            continue
        name = province.fqdn(portal.label)
        files = served_files(paths.certificates, name, portal.face.certificate)
        for address in layout.portals[name].every():
            yield {
                "flaw": portal.flaw.name,
                "address": str(address),
                "behind": str(_behind(portal, paths)),
                "chain": str(files.chain),
                "key": str(files.key),
            }


def _behind(portal: PortalSpec, paths: WebPaths) -> Path:
    """Return the socket on which the web server listens behind the peer."""
    return paths.work / f"{portal.label}.socket"


def listeners(face: Face) -> Iterator[tuple[int, WebAnswer, bool]]:
    """Yield the open ports of a face: port, answer, and whether it speaks TLS."""
    if face.http is not WebAnswer.CLOSED:
        yield 80, face.http, False
    if face.https is not WebAnswer.CLOSED:
        yield 443, face.https, True
    for port in face.more_tls_ports:
        yield port, WebAnswer.PAGE, True
    for port in face.admin_ports:
        yield port, WebAnswer.ADMIN_PAGE, True
    for port in face.edge_ports:
        yield port, WebAnswer.NOT_SERVED, True


def certificates_needed(province: Province) -> Iterator[tuple[str, CertificateKind]]:
    """Which certificates must exist before a web server starts."""
    for portal in province.portals:
        faces = {portal.face, portal.face_v6 or portal.face}
        for kind in {face.certificate for face in faces if any(tls for _, _, tls in listeners(face))}:
            yield province.fqdn(portal.label), kind


def configuration(faces: Iterable[PortalFace], domain: str, paths: WebPaths, policies: Mapping[str, Seat]) -> str:
    """Return the whole nginx.conf of one site, with the hosts of MTA-STS policies that are there."""
    blocks = (*_blocks(faces, domain, paths), *(_policy_block(*item, paths) for item in policies.items()))
    return HEAD.format(work=paths.work) + "\n".join(blocks) + "\n}\n"


def _policy_block(name: str, seat: Seat, paths: WebPaths) -> str:
    files = served_files(paths.certificates, name, CertificateKind.GOOD)
    hosts = (f"[{address}]" if address.version == 6 else str(address) for address in seat.every())
    listens = " ".join(f"listen {host}:443 ssl;" for host in hosts)
    served = f"location = /.well-known/mta-sts.txt {{ alias {paths.pages / name}.txt; }}"
    keys = f"ssl_certificate {files.chain}; ssl_certificate_key {files.key};"
    return f"server {{ {listens} server_name {name}; {keys} {served} }}"


def write_pages(province: Province, directory: Path) -> None:
    """Write a page for each portal, and the files that all of them share."""
    directory.mkdir()
    (directory / "oakley2.pem").write_text(OAKLEY_GROUP_2, "ascii")
    names = {agency.code: agency.name for agency in province.agencies}
    (directory / "chung.css").write_text("body { font-family: sans-serif; max-width: 60rem; margin: auto; }\n", "utf-8")
    (directory / "ban-do.svg").write_text(_large_image(), "utf-8")
    expires = (datetime.now(UTC) + timedelta(days=180)).strftime("%Y-%m-%dT%H:%M:%SZ")
    contact = f"Contact: mailto:antoan@{province.domain}\nExpires: {{}}\nPreferred-Languages: vi, en\n"
    (directory / "security.txt").write_text(contact.format(expires), "utf-8")
    (directory / "security-old.txt").write_text(contact.format("2025-12-31T17:00:00Z"), "utf-8")
    for mail in province.mails:
        if mail.has_policy:
            (directory / f"mta-sts.{province.fqdn(mail.label)}.txt").write_text(_policy(province, mail), "ascii")
    for portal in province.portals:
        page = directory / province.fqdn(portal.label)
        page.mkdir()
        (page / "index.html").write_text(_page(province, portal, names[portal.agency]), "utf-8")


def _policy(province: Province, mail: MailSpec) -> str:
    """RFC 8461 §3.2."""
    own = [f"{exchanger.label}.{province.fqdn(mail.label)}" for exchanger in mail.exchangers]
    hosts = own if mail.sts[1] == "*" else mail.sts[1:]
    lines = ["version: STSv1", f"mode: {mail.sts[0]}", *(f"mx: {host}" for host in hosts), "max_age: 604800", ""]
    return "\r\n".join(lines)


def _blocks(faces: Iterable[PortalFace], domain: str, paths: WebPaths) -> Iterator[str]:
    for face in faces:
        for port, answer, tls in listeners(face.face):
            yield (
                "  server {\n"
                + "".join(f"    {line}\n" for line in _server(face, port, answer, domain, paths, tls=tls))
                + "  }"
            )


def _server(
    face: PortalFace, port: int, answer: WebAnswer, domain: str, paths: WebPaths, *, tls: bool
) -> Iterator[str]:
    apart = tls and port == 443 and face.portal.flaw is not None
    if apart:
        yield f"listen unix:{_behind(face.portal, paths)} ssl;"
    for address in () if apart else face.addresses:
        host = f"[{address}]" if address.version == 6 else str(address)
        yield f"listen {host}:{port}{' ssl' if tls else ''};"
        if tls and port == 443 and face.face.quic:
            yield f"listen {host}:{port} quic;"
    yield f"server_name {face.name};"
    if tls:
        files = served_files(paths.certificates, face.name, face.face.certificate)
        yield f"ssl_certificate {files.chain}; ssl_certificate_key {files.key};"
        yield from (directive.format(pages=paths.pages) for directive in TLS[face.face.tls])
        yield from (f'add_header {name} "{value}" always;' for name, value in _headers(face.face))
    yield f"root {paths.pages / face.name};"
    yield f"location = /chung.css {{ root {paths.pages}; }}"
    yield f"location = /ban-do.svg {{ root {paths.pages}; }}"
    yield f"location = /.well-known/security.txt {{ {_contact(face.face.contact, paths)} }}"
    yield "location = /security.txt { return 404; }"
    yield f"location = {GONE} {{ return 410; }}"
    if not tls:
        yield from (f"location = /{name} {{ root {paths.certificates}; }}" for name in (INTERMEDIATE, REVOKED))
    yield f"location / {{ {_answer(answer, face.name, domain)} }}"


def _headers(face: Face) -> Iterator[tuple[str, str]]:
    """The usual headers with the face's own over them; nginx sends none that is empty, and cookies are added up."""
    changed = {name for name, _ in face.headers}
    yield from ((name, value) for name, value in HEADERS if name not in changed)
    yield from ((name, value) for name, value in face.headers if value)


STATIC = {
    WebAnswer.DEFAULT_PAGE: (200, DEFAULT_PAGE),
    WebAnswer.OTHER_PAGE: (200, OTHER_PAGE),
    WebAnswer.ADMIN_PAGE: (200, ADMIN_PAGE),
    WebAnswer.REJECTED: (200, REJECTED),
    WebAnswer.COOKIE_SCRIPT: (200, COOKIE_SCRIPT),
    WebAnswer.NOT_ACCEPTABLE: (406, "<h1>Not Acceptable!</h1><p>This error was generated by Mod_Security.</p>"),
    WebAnswer.CHALLENGE: (403, "<title>Just a moment...</title><p>Checking your browser</p>"),
    WebAnswer.NOT_SERVED: (403, "<h1>403 Forbidden</h1>"),
    WebAnswer.GEOGRAPHY: (451, "<h1>Unavailable For Legal Reasons</h1>"),
}


def _answer(answer: WebAnswer, name: str, domain: str) -> str:
    if answer in STATIC:
        status, page = STATIC[answer]
        marked = "add_header Cf-Mitigated challenge always; " if answer is WebAnswer.CHALLENGE else ""
        return f"{marked}default_type text/html; return {status} '{page}';"
    match answer:
        case WebAnswer.REDIRECT:
            return f"return 301 https://{name}$request_uri;"
        case WebAnswer.REDIRECT_TEMPORARY:
            return f"return 302 https://{name}$request_uri;"
        case WebAnswer.REDIRECT_ELSEWHERE:
            return f"return 301 https://cong.{domain}/;"
        case WebAnswer.REDIRECT_OFF_IPV6:
            return f"return 302 https://xaydung.{domain}/;"
        case WebAnswer.COOKIE_WALL:
            sent = "return 302 $scheme://$host$request_uri;"
            return f'index index.html; if ($cookie_ddp = "") {{ add_header Set-Cookie "{WALL}"; {sent} }}'
        case WebAnswer.SERVER_ERROR:
            return "return 500;"
        case WebAnswer.BAD_GATEWAY:
            # A real one: nothing listens on the discard port, so nginx answers 502 itself.
            return "proxy_pass http://[::1]:9;"
        case _:
            return "index index.html;"


def _contact(contact: Contact, paths: WebPaths) -> str:
    files = {Contact.GOOD: "security.txt", Contact.EXPIRED: "security-old.txt"}
    return f"alias {paths.pages / files[contact]};" if contact in files else "return 404;"


def _page(province: Province, portal: PortalSpec, agency: str) -> str:
    name = province.fqdn(portal.label)
    others = "".join(
        f'<link rel="stylesheet" href="https://{province.fqdn(label)}/chung.css">\n' for label in portal.takes_from
    )
    return f"""<!DOCTYPE html>
<html lang="vi">
<head>
<meta charset="utf-8">
<title>{agency} - Cổng thông tin điện tử</title>
<link rel="stylesheet" href="/chung.css">
{others}</head>
<body>
<h1>{agency}</h1>
<p>Trang thông tin điện tử {name}. Đây là trang diễn tập: tỉnh, cơ quan và số liệu đều do tưởng tượng.</p>
<img src="/ban-do.svg" alt="Bản đồ tỉnh" width="600" height="400">
{portal.markup}
</body>
</html>
"""


def _large_image() -> str:
    """Return an object of about 150 kB, so that large transfers can be judged."""
    dots = "".join(f'<circle cx="{n * 7 % 600}" cy="{n * 13 % 400}" r="2"/>\n' for n in range(4500))
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400">\n{dots}</svg>\n'
