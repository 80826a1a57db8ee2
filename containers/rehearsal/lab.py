"""Starts and ends a rehearsal, runs programs at its vantages and switches faults.

with Rehearsal.start() as lab:
    lab.run(["curl", "-6", "https://cong.sonlam.gov.vn/"])
    with lab.fault("drop_443", "cong.sonlam.gov.vn"):
        ...
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar, Self

from containers.rehearsal import faults, forgetting, machines, packages, preparation
from containers.rehearsal.addressing import AddressPlan, lay_out
from containers.rehearsal.errors import MissingPackagesError, NotPermittedError, RehearsalError
from containers.rehearsal.filters import BANNING
from containers.rehearsal.province import PROVINCE
from containers.rehearsal.workspace import Workspace

SOURCE = Path(__file__).resolve().parents[2]
CAP_SYS_ADMIN = 21
_SETTLING = 300.0
"""Seconds, more than the program itself waits: it says which device is late."""


@dataclass(frozen=True, slots=True)
class _Holder:
    """The process that holds the namespaces, and the temporary directory if it is ours to remove."""

    process: subprocess.Popen[str]
    mortal: Path | None


class Rehearsal:
    """A running rehearsal. Ends with its `with` block, with `close`, or with the process that started it."""

    WORLD: ClassVar[str] = "containers.rehearsal.world"

    def __init__(self, space: Workspace, holder: _Holder) -> None:
        self.dir = space.dir
        self.layout: AddressPlan = lay_out(PROVINCE)
        self._holder = holder
        self._forgetting: subprocess.Popen[str] | None = None

    @classmethod
    def start(cls, workdir: Path | None = None) -> Self:
        """Start one; takes some seconds. Without `workdir` a temporary directory that goes away at the end."""
        if lacking := packages.missing():
            raise MissingPackagesError(lacking)
        space = Workspace(_usable(workdir or Path(tempfile.mkdtemp(prefix="rehearsal-"))))
        lab = cls(space, _Holder(_unshared(space, cls.WORLD, mortal=workdir is None), None if workdir else space.dir))
        try:
            lab._bring_up(space)
        except BaseException:
            lab.close()
            raise
        return lab

    def run(
        self,
        argv: Sequence[str],
        vantage: str = "vantage",
        timeout: float | None = 300,
        env: Mapping[str, str] | None = None,
        input: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in a namespace and wait; like `subprocess.run` with captured text."""
        process = self.popen(
            argv,
            vantage,
            env=env,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with process:
            try:
                out, err = process.communicate(input, timeout)
            except BaseException:
                process.kill()  # its child dies with it, see `command`
                raise
        return subprocess.CompletedProcess(list(argv), process.returncode, out, err)

    def popen(
        self,
        argv: Sequence[str],
        vantage: str = "vantage",
        env: Mapping[str, str] | None = None,
        stdin: int | IO[str] | None = None,
        stdout: int | IO[str] | None = None,
        stderr: int | IO[str] | None = None,
    ) -> subprocess.Popen[str]:
        """Start a program in a namespace, with `env` on top of this process's environment."""
        return subprocess.Popen(
            self.command(argv, vantage),
            env={**os.environ, "PATH": packages.SEARCH_PATH, **(env or {})},
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=True,
        )

    def command(self, argv: Sequence[str], vantage: str = "vantage") -> list[str]:
        """Return the command line that runs a program inside, for callers that start it by themselves.

        nsenter must fork to enter the process namespace; `setpriv` makes the child die with it, so that killing what
        was started also ends what it started. An interrupt that a caller ignores is given back its effect. The program
        finds the working directory in AUDITOR_REHEARSAL, and stays root there where root started it: all that is in it
        is ours.
        """
        holder = self._holder.process.pid
        user = [f"--user=/proc/{holder}/ns/user", "--preserve-credentials"] if _needs_user_namespace() else []
        return [
            _program("nsenter"),
            *user,
            f"--mount=/proc/{holder}/ns/mnt",
            f"--net=/proc/{holder}/ns/net",
            f"--pid=/proc/{holder}/ns/pid_for_children",
            f"--wdns={Path.cwd()}",
            "--",
            *(_program("setpriv"), "--pdeathsig", "KILL"),
            *(_program("ip"), "netns", "exec", vantage),
            *("env", "--default-signal=INT", f"AUDITOR_REHEARSAL={self.dir}", "AUDITOR_USER=root"),
            *argv,
        ]

    def settle(self) -> None:
        """Wait until routing and LLDP have found their neighbours, which takes longer than all the rest."""
        argv = [sys.executable, "-P", "-m", "containers.rehearsal.settling"]
        done = self.run(argv, timeout=_SETTLING, env={"PYTHONPATH": str(SOURCE)})
        if done.returncode:
            raise RehearsalError(done.stderr.strip())

    def forget(self) -> None:
        """Flush the cached path MTUs of all hosts, and the banned sources.

        Both last for ten minutes after an audit's own Packet Too Big and port sweep, and would change the next audit.
        """
        if self._forgetting is None:
            program = str(Path(forgetting.__file__))
            argv = [sys.executable, "-I", "-S", program, machines.SITE, BANNING]
            pipe = subprocess.PIPE
            self._forgetting = self.popen(argv, stdin=pipe, stdout=pipe, stderr=pipe)
        process = self._forgetting
        assert process.stdin
        assert process.stdout
        with suppress(BrokenPipeError):
            process.stdin.write("\n")
            process.stdin.flush()
        if process.stdout.readline() != forgetting.FORGOTTEN:
            self._forgetting = None
            process.kill()
            raise RehearsalError(process.communicate()[1].strip())

    @contextmanager
    def fault(self, name: str, subject: str) -> Iterator[None]:
        """Break something for a while: one of `faults.FAULTS`, on a subject or (for `no_v6_route`) a vantage."""
        plan = faults.plan(name, subject, PROVINCE, self.layout)
        try:
            self._apply(plan.begin)
            yield
        finally:
            self._apply(plan.end)

    def close(self) -> None:
        """End it: the holder goes when its input closes, everything inside goes with the holder."""
        if self._forgetting:
            self._forgetting.kill()  # its child dies with it, see `command`
            self._forgetting.communicate()
        process = self._holder.process
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        if self._holder.mortal:
            shutil.rmtree(self._holder.mortal, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _bring_up(self, space: Workspace) -> None:
        """Prepare the files while the namespaces are being made: neither needs the other."""
        self._prepare(space)
        self._expect("built")
        stdin = self._holder.process.stdin
        assert stdin
        with suppress(BrokenPipeError):
            stdin.write("go\n")
            stdin.flush()
        self._expect("ready")

    def _prepare(self, space: Workspace) -> None:
        preparation.prepare(space, PROVINCE, self.layout)

    def _expect(self, word: str) -> None:
        stdout = self._holder.process.stdout
        assert stdout
        line = stdout.readline().strip()
        if line == word:
            return
        text = _tail(self.dir / "holder.log")
        if not line and text.startswith("unshare:"):
            raise NotPermittedError(text)
        where = "; start it with a directory to keep, and look there" if self._holder.mortal else f"; see {self.dir}"
        raise RehearsalError((line or f"ended early: {text}") + where)

    def _apply(self, steps: Sequence[faults.NamespaceCommand]) -> None:
        for step in steps:
            done = self.run(step.argv, step.site, input=step.text)
            if done.returncode:
                raise RehearsalError(f"{' '.join(step.argv)} in {step.site}: {done.stderr.strip()}")


def _usable(directory: Path) -> Path:
    """The working directory, made if it is not there. It must be empty, and visible inside, where /run is another."""
    resolved = directory.resolve()
    if resolved.is_relative_to("/run"):
        raise RehearsalError(f"{resolved} cannot be used: /run is private inside")
    resolved.mkdir(parents=True, exist_ok=True)
    if any(resolved.iterdir()):
        raise RehearsalError(f"{resolved} is not empty")
    return resolved


def _needs_user_namespace() -> bool:
    """True if this process lacks CAP_SYS_ADMIN; root in a container often does."""
    status = Path("/proc/self/status").read_text("ascii")
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return not int(effective.split()[1], 16) >> CAP_SYS_ADMIN & 1


def _program(name: str) -> str:
    return packages.find(name) or name


def _unshared(space: Workspace, world: str, *, mortal: bool) -> subprocess.Popen[str]:
    user = ["--user", "--map-root-user"] if _needs_user_namespace() else []
    starter = os.pidfd_open(os.getpid())
    spaces = ("--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc")
    inside = (sys.executable, "-P", "-m", "containers.rehearsal.init_process", str(space.dir), str(starter))
    try:
        with (space.dir / "holder.log").open("w", encoding="utf-8") as log:
            return subprocess.Popen(
                [_program("unshare"), *user, *spaces, "--", *inside, "mortal" if mortal else "kept", world],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                pass_fds=(starter,),
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCE), os.environ.get("PYTHONPATH", "")])},
                start_new_session=True,
            )
    finally:
        os.close(starter)


def _tail(log: Path) -> str:
    with suppress(OSError):
        lines = log.read_text("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""
    return ""
