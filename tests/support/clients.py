"""Runs independent clients at one of the vantages of the rehearsal: dig, curl, openssl, ping."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from containers.rehearsal.lab import Rehearsal

SILENCE = 28  # curl: operation timed out
REFUSED = 7  # curl: failed to connect
SMALL_HELLO = {"curl": ("--curves", "X25519"), "openssl": ("-groups", "X25519")}
"""Options that make a client send a hello of one segment: they leave out the key share of ML-KEM."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Holds the answer that dig received: status and flags, or None without an answer."""

    status: str | None
    flags: frozenset[str]
    answer: frozenset[str]
    text: str


_DIG = ("dig", "+tries=1", "+time=1", "+noall", "+comments", "+answer")
_HEADER = ";; ->>HEADER<<-"


def dig(lab: Rehearsal, *words: str, vantage: str = "vantage") -> Reply:
    """Ask with dig, once."""
    return _reply(lab.run([*_DIG, *words], vantage).stdout)


def digs(lab: Rehearsal, *questions: Sequence[str], vantage: str = "vantage") -> list[Reply]:
    """Ask with one dig, each question once and after the one before; the replies in order. To start it takes thirty
    times as long as to ask. Not for AXFR, of which dig does not show the number by which replies are told apart."""
    words: list[str] = []
    for number, question in enumerate(questions, 1):
        name, rtype, *options = sorted(question, key=lambda word: word[0] in "@+")
        words += ["-q", name, "-t", rtype, f"+qid={number}", *options]
    said = lab.run([*_DIG, *words], vantage).stdout.split(_HEADER)[1:]
    numbered = {int(text.partition(" id: ")[2].partition("\n")[0]): _HEADER + text for text in said}
    return [_reply(numbered.get(number, "")) for number in range(1, len(questions) + 1)]


def _reply(text: str) -> Reply:
    status = re.search(r"status: (\w+)", text)
    flags = re.search(r"flags: ([a-z ]*);", text)
    records = [line.split(None, 4) for line in text.splitlines() if line and not line.startswith(";")]
    return Reply(
        status=status[1] if status else None,
        flags=frozenset(flags[1].split()) if flags else frozenset(),
        answer=frozenset(record[4] for record in records),
        text=text,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Holds curl's exit status and the answer to one request; redirects are not followed."""

    exit: int
    status: int
    location: str
    body: str


def curl(lab: Rehearsal, name: str, address: str, port: int, *words: str, verify: bool = False) -> Page:
    """Send GET / to one address under one name, trusting only the private root."""
    scheme = "http" if port == 80 else "https"
    literal = f"[{address}]" if ":" in address else address
    trust = ["--cacert", str(lab.dir / "ca.pem")] if verify else ["--insecure"]
    form = "\n%{http_code}\n%{redirect_url}"
    resolve = ["--resolve", f"{name}:{port}:{literal}"]
    done = lab.run(["curl", "-s", "-m", "2", *words, *trust, *resolve, "-w", form, f"{scheme}://{name}:{port}/"])
    body, status, location = done.stdout.rsplit("\n", 2)
    return Page(exit=done.returncode, status=int(status), location=location, body=body)


def verified(lab: Rehearsal, name: str, address: str, port: int = 443, *words: str) -> tuple[int, str]:
    """Return openssl's verdict on the served certificate, as number and text; 0 is good."""
    literal = f"[{address}]" if ":" in address else address
    trust = ("-CAfile", str(lab.dir / "ca.pem"), "-no-CApath", "-no-CAstore", "-verify_hostname", name)
    command = ["openssl", "s_client", *words, "-connect", f"{literal}:{port}", "-servername", name, *trust]
    done = lab.run(command, input="")
    code = re.search(r"Verify return code: (\d+) \(([^)]*)\)", done.stdout)
    assert code, done.stdout + done.stderr
    return int(code[1]), code[2]


def pings(lab: Rehearsal, address: str, *, size: int = 56, vantage: str = "vantage") -> bool:
    """True if one echo request is answered."""
    return lab.run(["ping", "-n", "-c", "1", "-W", "1", "-s", str(size), address], vantage).returncode == 0
