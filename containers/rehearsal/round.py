"""Measures the rehearsals of the province and of TSLCD as one round, from three vantages.

One stands on the Internet with both families, one there with IPv6 only, one at the hub of TSLCD. The store gets samples
of a month before, as one that has been in use would have.
"""

import csv
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from auditor.service.store.url import open_store
from containers.rehearsal.errors import RehearsalError
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.tslcd.files import AGENTS, CUT, configuration_of_pages
from containers.rehearsal.tslcd.lab import TslcdRehearsal
from containers.rehearsal.tslcd.month import sample, sample_delay, sample_mesh
from containers.rehearsal.tslcd.sites import COMMUNES, There

PROGRAM = (sys.executable, "-P", "-m", "auditor.service.cli.main")
PAGES = "pages.toml"
"""The configuration for pages over the store, when the rehearsals have ended; the last file of a round."""
OF_REPORT = ("--lang", "--format", "--color")
"""Options of the command line that are for the report and not only for the audits."""
_NAME = "Diễn tập"
_INVENTORY = "son-lam"
_NAMING = 300
"""Seconds in which the first audit has to name its round."""
_AT_ONCE = 2
"""Audits at the same time: more of them stand still on two processors, and cannot tell then what was silent."""
_PATIENCE = "900"
"""Seconds for one subject: audits at the same time share the machine with all that they audit."""
_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vantage:
    """Describes one member of the round: its rehearsal, its place there, its configuration and its inventory."""

    name: str
    lab: Rehearsal
    place: str
    config: str
    options: tuple[str, ...] = ()


class _Audit:
    """Runs an audit from one vantage; its output goes into files, and only the last one's is shown."""

    def __init__(self, vantage: _Vantage, words: Sequence[str], folder: Path) -> None:
        self.name, self._out, self.log = vantage.name, folder / f"{vantage.name}.txt", folder / f"{vantage.name}.log"
        self._began = time.time()
        config = ("--config", str(vantage.lab.dir / vantage.config))
        with self._out.open("w", encoding="utf-8") as out, self.log.open("w", encoding="utf-8") as err:
            argv = [*PROGRAM, *config, "audit", *words, *vantage.options]
            self._process = vantage.lab.popen(argv, vantage.place, stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    def round(self) -> str:
        """Wait for the line that names the round, and return the round."""
        until = time.monotonic() + _NAMING
        while time.monotonic() < until and self._process.poll() is None:
            if named := _RUN.search(self.log.read_text("utf-8")):
                return named[0]
            time.sleep(0.1)
        raise RehearsalError(self.log.read_text("utf-8").strip() or "the first audit named no round")

    def wait(self) -> str:
        """Wait for the end, and return the summary. Raises RehearsalError for an audit that failed itself."""
        code = self._process.wait()
        if code not in (0, 3, 4):
            raise RehearsalError(f"{self.name} ended with {code}: {self.log.read_text('utf-8').strip()}")
        tell(f"{self.name}: {self.ended - self._began:.0f} s")
        return self._out.read_text("utf-8")

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def ended(self) -> float:
        """The time of the last output."""
        return self._out.stat().st_mtime

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def tell(text: str) -> None:
    print(f"rehearsal: {text}", file=sys.stderr, flush=True)


def audit(out: Path, options: Sequence[str]) -> int:
    """Audit the round, write its report into a folder that is there, and return the exit code of the report."""
    for_report, others = parted(options)
    store = ("--store", f"sqlite:///{out / 'auditor.db'}")
    tell("starting the province and its TSLCD, some hundred real servers")
    with ThreadPoolExecutor(2) as pool:
        begun = [pool.submit(kind.start) for kind in (Rehearsal, TslcdRehearsal)]
        filled = pool.submit(_fill, store[1])
    with begun[0].result() as province, begun[1].result() as inside:
        filled.result()
        province.settle()
        round, said = measure(province, inside, [*store, *spoken(for_report), *others], out)
    (out / PAGES).write_text(configuration_of_pages(), "utf-8")
    print(said, flush=True)
    words = [*PROGRAM, *spoken(for_report), "report", round, *store, "--out", str(out), *for_report, "--force"]
    words += ["--format", "html", "--format", "json"]
    return subprocess.run(words, check=False, stdout=subprocess.DEVNULL).returncode


def measure(province: Rehearsal, inside: Rehearsal, words: Sequence[str], out: Path) -> tuple[str, str]:
    """Return the round and the summary of it, which the audit that ended last printed."""
    chosen = () if any(word.startswith("--only") for word in words) else ("--only", "ipv6")
    vantages = (
        _Vantage(name="internet", lab=province, place="vantage", config="round-internet.toml"),
        _Vantage(
            name="hub",
            lab=inside,
            place="vantage",
            config="auditor.toml",
            options=("--policy", str(province.dir / "policy.toml")),
        ),
        _Vantage(name="chi-ipv6", lab=province, place="vantage-v6", config="round-v6.toml", options=chosen),
    )
    _keep_inventory(province, inside, out, words)
    how = ("--profile", "quick", "--clearance", "intrusive", "--subject-seconds", _PATIENCE)
    common = [_INVENTORY, *how, *words]
    tell(f"measuring from {', '.join(vantage.name for vantage in vantages)}; that takes some minutes")
    running: list[_Audit] = []
    try:
        running.append(_Audit(vantages[0], [*common, "--round", _NAME], out))
        round = running[0].round()
        for vantage in vantages[1:]:
            while sum(member.is_running for member in running) >= _AT_ONCE:
                time.sleep(0.2)
            running.append(_Audit(vantage, [*common, "--round", round], out))
        said = {member.wait(): member.ended for member in running}
    finally:
        for member in running:
            member.kill()
    summary = max((text for text in said if round in text), key=said.__getitem__).splitlines()
    return round, "\n".join(line for line in summary if round not in line)


def _keep_inventory(province: Rehearsal, inside: Rehearsal, out: Path, words: Sequence[str]) -> None:
    """Import the inventory into the store: the pages show it, and every vantage audits the same subjects.

    The province's resolvers are left out: they serve a TSLCD in which none of these vantages is.
    """
    rows = out / "inventory.csv"
    with (province.dir / "inventory.csv").open(encoding="utf-8", newline="") as whole:
        read = csv.DictReader(whole)
        kept = [row for row in read if row["kind"] != "resolver"]
    with rows.open("w", encoding="utf-8", newline="") as written:
        table = csv.DictWriter(written, read.fieldnames or ())
        table.writeheader()
        table.writerows(kept)
    files = (rows, inside.dir / "inventory.csv", inside.dir / "units.csv")
    store = words[words.index("--store") : words.index("--store") + 2]
    argv = [*PROGRAM, "inventory", "import", "--name", _INVENTORY, "--apply", *map(str, files), *store]
    with (out / "inventory.txt").open("w", encoding="utf-8") as said:
        done = subprocess.run(argv, check=False, stdout=said, stderr=subprocess.STDOUT)
    if done.returncode:
        raise RehearsalError((out / "inventory.txt").read_text("utf-8").strip())


def _fill(url: str) -> None:
    with open_store(url) as store:
        for commune in COMMUNES:
            if commune.there is There.YES:
                sample(store, commune.label, commune.sampled or "good")
            if commune.is_sound:
                sample_delay(store, commune.label, (4, 6) if commune.v6 else (4,))
        sample_mesh(store, ("hub", *AGENTS, CUT), cut=CUT)


def parted(options: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the options into those of the report and those of the audits."""
    for_report: list[str] = []
    others: list[str] = []
    words = iter(options)
    for word in words:
        name, separator, _ = word.partition("=")
        if name in OF_REPORT and word.startswith("--"):
            for_report += [word] if separator else [word, next(words, "")]
        else:
            others.append(word)
    return for_report, others


def spoken(options: Sequence[str]) -> list[str]:
    """Return the language among the options of the report: the audits' summaries are in it too."""
    for place, word in enumerate(options):
        if word == "--lang":
            return list(options[place : place + 2])
        if word.startswith("--lang="):
            return [word]
    return []
