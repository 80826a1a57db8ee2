"""Serves the parts of NetBox's REST API that are read: pages by limit and offset, tokens, TLS, chosen misbehaviour.

Objects have the fields of NetBox's published schema (DeviceWithConfigContext, VirtualMachineWithConfigContext and
IPAddress of version 4): nested objects with id, url and display, choices with value and label, absent ones null.
"""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.remote import certificate

TOKEN = "0123456789abcdef0123456789abcdef01234567"
MAX_PAGE_SIZE = 2
"""So small that everything takes several pages; the real one is 1000."""


def nested(number: int, name: str, slug: str, collection: str) -> dict[str, Any]:
    """Return a nested object as the brief serialisers give it."""
    return {
        "id": number,
        "url": f"https://netbox/api/{collection}/{number}/",
        "display": name,
        "name": name,
        "slug": slug,
    }


def _status(value: str) -> dict[str, str]:
    return {"value": value, "label": value.capitalize()}


def address(number: int, written: str, dns_name: str = "", **more: Any) -> dict[str, Any]:
    family = 6 if ":" in written else 4
    return {
        "id": number,
        "url": f"https://netbox/api/ipam/ip-addresses/{number}/",
        "display": written,
        "family": {"value": family, "label": f"IPv{family}"},
        "address": written,
        "vrf": None,
        "tenant": None,
        "status": _status("active"),
        "role": None,
        "assigned_object_type": None,
        "assigned_object_id": None,
        "assigned_object": None,
        "dns_name": dns_name,
        "tags": [],
        "custom_fields": {},
        **more,
    }


def device(number: int, name: str | None, role: tuple[str, str], **more: Any) -> dict[str, Any]:
    maker = nested(1, "Cisco", "cisco", "dcim/manufacturers")
    return {
        "id": number,
        "url": f"https://netbox/api/dcim/devices/{number}/",
        "display": name or f"{role[0]} ({number})",
        "name": name,
        "device_type": {**nested(1, "C9300", "c9300", "dcim/device-types"), "model": "C9300", "manufacturer": maker},
        "role": nested(1, role[0], role[1], "dcim/device-roles"),
        "tenant": None,
        "platform": None,
        "serial": "",
        "site": nested(1, "Trung tâm dữ liệu", "ttdl", "dcim/sites"),
        "status": _status("active"),
        "primary_ip": None,
        "primary_ip4": None,
        "primary_ip6": None,
        "tags": [],
        "custom_fields": {},
        **more,
    }


def _ip(number: int, written: str) -> dict[str, Any]:
    whole = address(number, written)
    return {name: whole[name] for name in ("id", "url", "display", "family", "address")}


HEALTH = nested(7, "Sở Y tế", "so-y-te", "tenancy/tenants")
TAG = {
    "id": 1,
    "url": "https://netbox/api/extras/tags/1/",
    "display": "TSLCD",
    "name": "TSLCD",
    "slug": "tslcd",
    "color": "9e9e9e",
}
MACHINE: dict[str, Any] = {
    "id": 3,
    "url": "https://netbox/api/virtualization/virtual-machines/3/",
    "display": "web1",
    "name": "web1",
    "status": _status("active"),
    "site": None,
    "cluster": nested(1, "vmware", "vmware", "virtualization/clusters"),
    "device": None,
    "role": None,
    "tenant": HEALTH,
    "primary_ip": _ip(13, "2001:db8:7::10/64"),
    "primary_ip4": None,
    "primary_ip6": _ip(13, "2001:db8:7::10/64"),
    "vcpus": 2.0,
    "tags": [],
    "custom_fields": {},
}
OBJECTS: dict[str, list[dict[str, Any]]] = {
    "dcim/devices": [
        device(
            1,
            "sw-tang1",
            ("Access Switch", "access-switch"),
            tenant=HEALTH,
            tags=[TAG],
            primary_ip4=_ip(11, "10.7.0.2/24"),
            primary_ip6=_ip(12, "2001:db8:7::2/64"),
        ),
        device(2, "r1", ("Định tuyến biên", "bien"), primary_ip4=_ip(14, "10.0.0.1/30")),
        device(3, "old", ("Router", "router"), status=_status("decommissioning"), primary_ip4=_ip(15, "10.0.0.9/30")),
        device(4, None, ("Patch panel", "patch")),
        device(5, "=cmd|'/c'!A1", ("Firewall", "firewall"), primary_ip4=_ip(16, "10.0.0.5/30")),
    ],
    "virtualization/virtual-machines": [MACHINE],
    "ipam/ip-addresses": [
        address(11, "10.7.0.2/24", "sw-tang1.yte.example.vn"),
        address(12, "2001:db8:7::2/64"),
        address(13, "2001:db8:7::10/64", "web1.yte.example.vn"),
        address(17, "10.7.0.53/24", "dns.yte.example.vn", tenant=HEALTH),
        address(18, "10.7.0.54/24", "cu.yte.example.vn", status=_status("deprecated")),
    ],
}


@dataclass
class NetBox:
    """Serves a NetBox API on loopback; ``asked`` records the requests."""

    url: str = ""
    ca: Path = Path()
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    """Answers to paths in place of the usual ones."""


@contextmanager
def netbox(folder: Path) -> Iterator[NetBox]:
    """Serve the objects over TLS until the block ends."""
    ca, key = certificate(folder)
    served = NetBox(ca=ca)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            token = self.headers.get("Authorization", "")
            served.asked.append((self.command, self.path, token))
            status, headers, body = served.answers.get(parts.path) or _answer(parts.path, parts.query, token)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    served.url = f"https://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(path: str, query: str, token: str) -> tuple[int, dict[str, str], bytes]:
    headers = {"Content-Type": "application/json"}
    if token != f"Token {TOKEN}":
        return 403, headers, b'{"detail": "Invalid token"}'
    objects = OBJECTS.get(path.removeprefix("/api/").strip("/"))
    if objects is None or not path.endswith("/"):
        return 404, headers, b'{"detail": "Not found."}'
    wanted = parse_qs(query)
    offset, limit = int(wanted["offset"][0]), min(int(wanted["limit"][0]), MAX_PAGE_SIZE)
    # What stands here is not to be used: a proxy in front, or a wrong setting, gives other addresses.
    following = f"http://192.0.2.1{path}?limit={limit}&offset={offset + limit}"
    page = {
        "count": len(objects),
        "next": following if offset + limit < len(objects) else None,
        "previous": None,
        "results": objects[offset : offset + limit],
    }
    return 200, headers, json.dumps(page).encode()
