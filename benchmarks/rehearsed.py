"""Prepares audits of a rehearsal for benchmarks: limits of their own, and subjects that the province does not have."""

import csv
import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from containers.rehearsal import packages
from containers.rehearsal.lab import Rehearsal

CORE = "core"
PREFIXES = ("10.128.0.0/9", "2001:db8:8000::/33")
"""Addresses of further subjects; the provider's router either drops their packets or has these addresses."""
_PAGE = "<!doctype html><html lang=vi><head><title>Trang</title></head><body><p>Trang</p></body></html>\n"


def configured(lab: Rehearsal, folder: Path, **limits: float) -> Path:
    """Write the vantage's configuration with these limits in place of its own, and with ``PREFIXES`` in scope."""
    text = (lab.dir / "auditor.toml").read_text("utf-8")
    for name in limits:
        text = re.sub(rf"(?m)^{name} = .*\n", "", text)
    lines = "".join(f"{name} = {value}\n" for name, value in limits.items())
    text = text.replace("[limits]\n", f"[limits]\n{lines}").replace(
        "allow = [", f"allow = {json.dumps(PREFIXES)[:-1]}, "
    )
    path = folder / "auditor.toml"
    path.write_text(text, "utf-8")
    return path


def write_inventory(path: Path, subjects: int) -> None:
    """Write portals of ``PREFIXES``, each in prefixes of its own, so that politeness towards one decides nothing."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("id", "name", "kind", "ipv4", "ipv6"))
        for number in range(subjects):
            v4, v6 = f"10.{128 + (number >> 8)}.{number & 255}.1", f"2001:db8:{0x8000 + number:x}::1"
            writer.writerow((f"s{number:05}", f"s{number:05}", "portal", v4, v6))


def route(lab: Rehearsal, kind: str) -> None:
    """Let the provider's router drop packets to ``PREFIXES`` (``blackhole``), or have all its addresses (``local``)."""
    to = ["dev", "lo"] if kind == "local" else []
    for prefix in PREFIXES:
        done = lab.run(["ip", "-6" if ":" in prefix else "-4", "route", "add", kind, prefix, *to], CORE)
        if done.returncode:
            raise SystemExit(f"ip route add {kind} {prefix}: {done.stderr}")


@contextmanager
def web_server(lab: Rehearsal, folder: Path) -> Iterator[None]:
    """Run one nginx with both schemes at every address that the provider's router is."""
    place = folder / "nginx"
    place.mkdir()
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=www.example.vn"]
    made = ["-keyout", f"{place}/key", "-out", f"{place}/pem", "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", *key, *made], check=True, stderr=subprocess.DEVNULL)
    (place / "index.html").write_text(_PAGE, "utf-8")
    temporary = " ".join(
        f"{kind}_temp_path {place}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (place / "conf").write_text(
        f"daemon off; master_process off; user root root; pid {place}/pid; error_log {place}/log;"
        f"events {{ worker_connections 8000; }} http {{ access_log off; {temporary} server {{"
        f"listen 80 backlog=4000; listen [::]:80 backlog=4000; listen 443 ssl backlog=4000;"
        f"listen [::]:443 ssl backlog=4000; root {place}; ssl_certificate {place}/pem;"
        f"ssl_certificate_key {place}/key; }} }}",
        "utf-8",
    )
    process = lab.popen([packages.find("nginx") or "nginx", "-c", f"{place}/conf", "-e", f"{place}/log"], CORE)
    try:
        while not (place / "pid").exists():
            if process.poll() is not None:
                raise SystemExit(f"nginx ended: {(place / 'log').read_text('utf-8')}")
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()
