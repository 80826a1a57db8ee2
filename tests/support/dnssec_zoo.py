"""Signs zones with signers in use: dnssec-signzone, Knot and PowerDNS, the last two also online.

Runs in a network namespace of its own (``private_net``): BIND serves the root, two registries and what is signed off
line, Knot and PowerDNS what they sign themselves, and Unbound validates all of it from the root.
"""

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from containers.rehearsal.packages import find

BIND, OTHER, KNOT, POWER, ORACLE = "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.9"
CARELESS = "192.0.2.5"
CARELESS_ZONES = ("bare.example", "noaa.example")
SETUP = "".join(f"ip addr add {text}/32 dev lo\n" for text in (BIND, OTHER, KNOT, POWER, CARELESS, ORACLE))
P256 = ("-a", "ECDSAP256SHA256")
NSEC3, OPT_OUT = ("-3", "-", "-H", "0"), ("-3", "-", "-H", "0", "-A")
OLD = ("-P", "-s", "20200101000000", "-e", "20200201000000")
PLAIN = "@ MX 10 mx\nmx A 198.51.100.1\n"
HEAD = "$TTL 300\n@ SOA ns1 h 2026030201 7200 3600 1209600 300\n@ NS ns1\nns1 A {server}\n"
REGISTRY = "$TTL 300\n@ SOA ns.root. h.root. 1 7200 3600 1209600 300\n@ NS ns.root.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Describes one zone of the zoo.

    ``how``: options of dnssec-signzone, None if unsigned. ``ds``: True if the parent has a DS.

    ``keys``: the algorithms, each with a KSK and a ZSK. ``children`` are delegated from it.
    """

    records: str = PLAIN
    how: tuple[str, ...] | None = ()
    keys: tuple[tuple[str, ...], ...] = (P256,)
    ds: bool = True
    server: str = BIND
    stale_at: str = ""
    children: tuple[str, ...] = ()


ZONES: Mapping[str, Zone] = {
    "nsec.example": Zone(records=PLAIN + "* A 198.51.100.9\n"),
    "nsec3.example": Zone(how=NSEC3, records=PLAIN + "* A 198.51.100.9\n"),
    "salted.example": Zone(how=("-3", "abcdef", "-H", "20")),
    "rsa.example": Zone(keys=(("-a", "RSASHA256", "-b", "2048"),)),
    "ed25519.example": Zone(keys=(("-a", "ED25519"),)),
    "rollover.example": Zone(keys=(P256, ("-a", "RSASHA256", "-b", "2048"))),
    "optout.example": Zone(how=OPT_OUT, records=PLAIN + "sub NS ns1\na.b.c NS ns1\n"),
    "optout-empty.example": Zone(how=OPT_OUT, records="@ MX 10 ent\nx.ent NS ns1\n"),
    "empty.example": Zone(how=NSEC3, records="@ MX 10 ent\nx.ent A 198.51.100.1\n"),
    "gone.example": Zone(how=NSEC3, records="@ MX 10 gone\n"),
    "wild.example": Zone(how=NSEC3, records="@ MX 10 mail.pop\n*.pop A 198.51.100.1\n"),
    "alias.example": Zone(records="@ MX 10 mx\nmx CNAME mx.alias.vn.\n"),
    "alias.vn": Zone(records="mx CNAME mx.unsigned.example.\n@ MX 10 ns1\n"),
    "unsigned.example": Zone(how=None, records="@ MX 10 mx\nmx CNAME real\nreal A 198.51.100.7\n"),
    "dname.example": Zone(records="@ MX 10 mx.old\nold DNAME new\nmx.new A 198.51.100.1\n"),
    "panel.example": Zone(
        records="@ MX 10 mail\n@ MX 20 post\n", children=("mail.panel.example", "post.panel.example")
    ),
    "mail.panel.example": Zone(how=None, records="@ A 198.51.100.25\n"),
    "post.panel.example": Zone(records="@ A 198.51.100.26\n"),
    "alias-below.example": Zone(records="@ MX 10 mx\nmx CNAME host.sub\n", children=("sub.alias-below.example",)),
    "sub.alias-below.example": Zone(how=None, records="host A 198.51.100.27\n"),
    "split.example": Zone(records="@ MX 10 mail\n", children=("mail.split.example",)),
    "mail.split.example": Zone(how=None, records="@ A 198.51.100.28\n", server=OTHER),
    "nightly.example": Zone(how=("-s", "now-3600", "-e", "now+172800")),
    "island.example": Zone(ds=False),
    "below.unsigned.example": Zone(),
    "behind.example": Zone(records=PLAIN + f"@ NS ns2\nns2 A {OTHER}\n", stale_at=OTHER),
    "expired.example": Zone(how=OLD),
    "expired-host.example": Zone(records="@ MX 10 mx.expired.example.\n"),
    "knot.example": Zone(server=KNOT),
    "knot-online.example": Zone(server=KNOT, records=PLAIN + "* A 198.51.100.9\n"),
    "power.example": Zone(server=POWER, records=PLAIN + "* A 198.51.100.9\nalias CNAME mx\n"),
    "power-narrow.example": Zone(server=POWER, records=PLAIN + "x.ent A 198.51.100.9\n"),
    "chain.example": Zone(
        records=PLAIN + "".join(f"c{n} CNAME c{n + 1}\n" for n in range(1, 11)) + "c11 A 198.51.100.9\n"
    ),
    "two-signers.example": Zone(records=f"@ MX 10 mx\nmx A 198.51.100.1\n@ NS ns2\nns2 A {OTHER}\n"),
}
JUDGED = tuple(name for name in ZONES if not any(name in other.children for other in ZONES.values()))
"""The zones that are judged; the others stand below them."""
_OFF_LINE = (BIND, OTHER)


class Zoo:
    """Holds the zone files of the zoo, and the daemons that serve and validate them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.anchor = ""
        self._ds: dict[str, list[str]] = {}
        self._files: dict[str, dict[str, Path]] = {BIND: {}, OTHER: {}}
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def hints(self) -> str:
        return f". NS ns.root\nns.root A {BIND}"

    def build(self) -> None:
        """Sign everything, children before the zones that delegate them, and start the daemons."""
        self._power()
        self._knot()
        self._two_signers("two-signers.example")
        for name in sorted(ZONES, key=lambda zone: -zone.count(".")):
            zone = ZONES[name]
            if zone.server in _OFF_LINE and name != "two-signers.example":
                self._off_line(name, zone)
        for registry in ("example", "vn"):
            text = REGISTRY + "".join(
                self._delegation(name) for name in ZONES if name.count(".") == 1 and name.endswith(f".{registry}")
            )
            careless = (careless_zone for careless_zone in CARELESS_ZONES if careless_zone.endswith(f".{registry}"))
            text += "".join(f"{text}. NS ns1.{text}.\nns1.{text}. A {CARELESS}\n" for text in careless)
            self._sign(registry, text, Zone(), BIND)
        root = REGISTRY + f"ns.root. A {BIND}\n"
        root += "".join(f"{text}. NS ns.root.\n{self._ds_text(text)}" for text in ("example", "vn"))
        self._sign(".", root, Zone(), BIND)
        self.anchor = self._ds["."][0]
        for address, files in self._files.items():
            self._serve(address, files)
        self._resolve()
        self._wait()

    def stop(self) -> None:
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(300)

    def unbound(self, name: str, rtype: str) -> str:
        """Return ``secure``, ``insecure`` or ``bogus``."""
        query = dns.message.make_query(name, rtype, want_dnssec=True)
        answer = dns.query.udp(query, ORACLE, timeout=60, ignore_trailing=True)
        if answer.rcode() == dns.rcode.SERVFAIL:
            return "bogus"
        return "secure" if answer.flags & dns.flags.AD else "insecure"

    def resolved(self, name: str, rtype: str) -> tuple[str, set[str]]:
        """Return the code of Unbound's answer, and the records at the end of all aliases."""
        answer = dns.query.udp(dns.message.make_query(name, rtype), ORACLE, timeout=60, ignore_trailing=True)
        found = {
            record.to_text()
            for rrset in answer.answer
            if dns.rdatatype.to_text(rrset.rdtype) == rtype
            for record in rrset
        }
        return dns.rcode.to_text(answer.rcode()), found

    def unbound_of_host(self, name: str) -> set[str]:
        """Return the states of a host's addresses, or of the alias if it is one."""
        alias = dns.query.udp(dns.message.make_query(name, "CNAME"), ORACLE, timeout=60).answer
        return {self.unbound(name, rtype) for rtype in (("CNAME",) if alias else ("A", "AAAA"))}

    def delv(self, name: str, rtype: str) -> str:
        anchors = self.folder / "anchors"
        tag, algorithm, digest, data = self.anchor.split(None, 3)
        data = data.replace(" ", "")
        anchors.write_text(f'trust-anchors {{ . static-ds {tag} {algorithm} {digest} "{data}"; }};\n')
        text = self._run("delv", f"@{ORACLE}", "-a", str(anchors), name, rtype, fails=True)
        if "; fully validated" in text or "; negative response, fully validated" in text:
            return "secure"
        return "insecure" if "unsigned answer" in text else "bogus" if "resolution failed" in text else text

    def _off_line(self, name: str, zone: Zone) -> None:
        text = HEAD.format(server=zone.server) + zone.records
        text += "".join(self._delegation(child) for child in zone.children)
        if name == "unsigned.example":
            text += self._delegation("below.unsigned.example")
        self._sign(name, text, zone, zone.server)
        if zone.stale_at:
            behind = Zone(how=OLD, keys=())
            self._sign(name, text, behind, zone.stale_at)

    def _delegation(self, name: str) -> str:
        servers = {"ns1": ZONES[name].server}
        if name in ("behind.example", "two-signers.example"):
            servers["ns2"] = OTHER
        lines = [f"{name}. NS {label}.{name}.\n{label}.{name}. A {address}\n" for label, address in servers.items()]
        return "".join(lines) + (self._ds_text(name) if ZONES[name].ds else "")

    def _ds_text(self, name: str) -> str:
        return "".join(f"{name}. DS {text}\n" for text in self._ds.get(name, ()))

    def _sign(self, name: str, text: str, zone: Zone, server: str) -> None:
        """Write a zone for one server; keys that are there are used again."""
        plain = self.folder / f"{name.strip('.') or 'root'}.{server}"
        plain.write_text(text)
        self._files[server][name] = plain
        if zone.how is None:
            return
        for algorithm in zone.keys:
            for flag in (("-f", "KSK", "-P", "sync", "now"), ()):
                made = self._run("dnssec-keygen", "-q", *algorithm, *flag, name).strip()
                if flag:
                    self._ds.setdefault(name, []).append(self._ds_of(made))
        self._files[server][name] = self._signed(name, plain, *zone.how, "-S")

    def _signed(self, name: str, plain: Path, *how: str) -> Path:
        signed = plain.with_name(f"{plain.name}.signed")
        self._run("dnssec-signzone", "-q", *how, "-o", name, "-f", str(signed), str(plain))
        return signed

    def _ds_of(self, key: str) -> str:
        return self._run("dnssec-dsfromkey", "-2", key).split(" DS ")[1].strip()

    def _two_signers(self, name: str) -> None:
        """Sign a zone of two operators with own keys, each of which publishes the keys of both (RFC 8901, model 2)."""
        text = HEAD.format(server=BIND) + ZONES[name].records
        pairs = [
            [self._run("dnssec-keygen", "-q", *P256, *flag, name).strip() for flag in (("-f", "KSK"), ())]
            for _ in range(2)
        ]
        text += "".join((self.folder / f"{key}.key").read_text() for pair in pairs for key in pair)
        self._ds[name] = [self._ds_of(pair[0]) for pair in pairs]
        for server, (key_signer, zone_signer) in zip(_OFF_LINE, pairs, strict=True):
            plain = self.folder / f"{name}.{server}"
            plain.write_text(text)
            signed = plain.with_name(f"{plain.name}.signed")
            self._run(
                "dnssec-signzone", "-q", "-x", "-o", name, "-f", str(signed), "-k", key_signer, str(plain), zone_signer
            )
            self._files[server][name] = signed

    def _knot(self) -> None:
        folder = self.folder / "knot"
        folder.mkdir()
        conf = folder / "knot.conf"
        conf.write_text(f"""server:
  listen: {KNOT}@53
  rundir: {folder}
  user: root
database:
  storage: {folder}
policy:
  - id: one
    single-type-signing: on
    manual: on
    cds-cdnskey-publish: always
  - id: short
    single-type-signing: on
    manual: on
    rrsig-lifetime: 25h
    rrsig-refresh: 1h
    cds-cdnskey-publish: always
mod-onlinesign:
  - id: line
    policy: short
    nsec-bitmap: [A, AAAA, MX, TXT]
zone:
  - domain: knot.example
    file: {folder}/knot.example
    dnssec-signing: on
    dnssec-policy: one
    zonefile-sync: -1
    journal-content: none
  - domain: knot-online.example
    file: {folder}/knot-online.example
    module: mod-onlinesign/line
""")
        for name in ("knot.example", "knot-online.example"):
            (folder / name).write_text(HEAD.format(server=KNOT) + ZONES[name].records)
            self._run("keymgr", "-c", str(conf), name, "generate", "algorithm=13", "ksk=yes", "zsk=yes")
            text = self._run("keymgr", "-c", str(conf), name, "ds")
            found = next(line for line in text.splitlines() if re.search(r" DS \d+ 13 2 ", line))
            self._ds[name] = [found.split(" DS ")[1].strip()]
        self._start("knot", "knotd", "-c", str(conf))

    def _power(self) -> None:
        folder = self.folder / "power"
        folder.mkdir()
        zones = [name for name in ZONES if ZONES[name].server == POWER]
        for name in zones:
            (folder / name).write_text(f"$ORIGIN {name}.\n" + HEAD.format(server=POWER) + ZONES[name].records)
        named = "".join(f'zone "{name}" {{ type master; file "{folder}/{name}"; }};\n' for name in zones)
        (folder / "named.conf").write_text(named)
        (folder / "pdns.conf").write_text(
            f"launch=bind\nbind-config={folder}/named.conf\nbind-dnssec-db={folder}/keys.db\nlocal-address={POWER}\n"
            f"local-port=53\nsocket-dir={folder}\ndaemon=no\nguardian=no\ndefault-soa-edit=INCEPTION-INCREMENT\n"
        )
        at = f"--config-dir={folder}"
        self._run("pdnsutil", at, "create-bind-db", f"{folder}/keys.db")
        for name in zones:
            self._run("pdnsutil", at, "secure-zone", name)
            self._run("pdnsutil", at, "set-publish-cds", name)
            self._run("pdnsutil", at, "set-publish-cdnskey", name)
            if "narrow" in name:
                self._run("pdnsutil", at, "set-nsec3", name, "1 0 0 -", "narrow")
            text = self._run("pdnsutil", at, "export-zone-ds", name)
            found = next(line for line in text.splitlines() if re.search(r" DS \d+ 13 2 ", line))
            self._ds[name] = [found.split(" DS ")[1].split(";")[0].strip()]
        self._start("power", "pdns_server", at)

    def _serve(self, address: str, files: Mapping[str, Path]) -> None:
        folder = self.folder / f"named-{address}"
        folder.mkdir()
        conf = folder / "named.conf"
        text = (
            f'options {{ directory "{folder}"; listen-on port 53 {{ {address}; }}; listen-on-v6 {{ none; }};'
            f' recursion no; pid-file none; session-keyfile none; managed-keys-directory "{folder}";'
            " allow-transfer { none; }; dnssec-validation no; }; controls { };\n"
        )
        text += "".join(f'zone "{name}" {{ type primary; file "{file}"; }};\n' for name, file in files.items())
        conf.write_text(text)
        self._start(f"named-{address}", "named", "-g", "-n", "1", "-c", str(conf))

    def _resolve(self) -> None:
        (self.folder / "root.hints").write_text(f". 3600 NS ns.root.\nns.root. 3600 A {BIND}\n")
        (self.folder / "root.ds").write_text(f". IN DS {self.anchor}\n")
        conf = self.folder / "unbound.conf"
        conf.write_text(f"""server:
  directory: "{self.folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  interface: {ORACLE}
  do-ip6: no
  access-control: 0.0.0.0/0 allow
  root-hints: "{self.folder}/root.hints"
  trust-anchor-file: "{self.folder}/root.ds"
  do-not-query-localhost: no
  num-threads: 1
remote-control:
  control-enable: no
""")
        self._start("unbound", "unbound", "-d", "-c", str(conf))

    def _wait(self) -> None:
        for address, zone in (
            (BIND, "."),
            (OTHER, "behind.example"),
            (KNOT, "knot-online.example"),
            (KNOT, "knot.example"),
            (POWER, "power.example"),
            (ORACLE, "example"),
        ):
            self._wait_for(address, zone)

    def _wait_for(self, address: str, zone: str) -> None:
        for _ in range(600):
            with suppress(OSError, dns.exception.DNSException):
                query = dns.message.make_query(zone, "DNSKEY", want_dnssec=True)
                if dns.query.udp(query, address, timeout=0.5).answer:
                    return
            time.sleep(0.1)
        log = "\n".join(path.read_text("utf-8", "replace")[-1500:] for path in self.folder.glob("*.log"))
        raise RuntimeError(f"{address} does not serve {zone}:\n{log}")

    def _start(self, log: str, program: str, *words: str) -> None:
        with (self.folder / f"{log}.log").open("wb") as out:
            self._running.append(subprocess.Popen([_found(program), *words], stdout=out, stderr=out))

    def _run(self, program: str, *words: str, fails: bool = False) -> str:
        done = subprocess.run(
            [_found(program), *words], cwd=self.folder, capture_output=True, text=True, check=False, timeout=300
        )
        if done.returncode and not fails:
            raise RuntimeError(f"{program} {' '.join(words)}: {done.stderr.strip()} {done.stdout.strip()}")
        return done.stdout + (done.stderr if fails else "")


def _found(program: str) -> str:
    path = find(program)
    if path is None:
        raise RuntimeError(f"the zoo needs {program}; see containers/rehearsal/packages.py")
    return path


@contextmanager
def zoo(folder: Path) -> Iterator[Zoo]:
    """Yield a running zoo, in the network namespace of the calling thread."""
    made = Zoo(folder)
    try:
        made.build()
        yield made
    finally:
        made.stop()
