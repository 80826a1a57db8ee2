"""Starts, uses and ends the second rehearsal, inside TSLCD, like that of the province.

with TslcdRehearsal.start() as lab:
    lab.run(["ping", "-c1", "10.64.1.1"])
    with lab.leaking():
        ...
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from containers.rehearsal.errors import RehearsalError
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.tslcd import files, world
from containers.rehearsal.tslcd.network import APART, HELD_BACK
from containers.rehearsal.workspace import Workspace


class TslcdRehearsal(Rehearsal):
    """Vantages: ``vantage`` inside TSLCD, ``outside`` on the Internet. Files of the auditor as in the province."""

    WORLD: ClassVar[str] = "containers.rehearsal.tslcd.world"

    def settle(self) -> None:
        """Wait for nothing: no routing protocol and no LLDP runs here, and ``start`` has waited for the services."""

    @contextmanager
    def leaking(self) -> Iterator[None]:
        """The hub lets everything out to the Internet for a while."""
        with self._without("site", HELD_BACK):
            yield

    @contextmanager
    def crossing(self) -> Iterator[None]:
        """Let every site manage another agency's equipment for a while."""
        with self._without("apart", APART):
            yield

    @contextmanager
    def _without(self, table: str, text: str) -> Iterator[None]:
        self._nft("hub", f"delete table inet {table}")
        try:
            yield
        finally:
            self._nft("hub", text)

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Let the hub drop all packets from the communes for a while, as if our own end were down."""
        rule = 'iifname "d-*" drop\n    iifname internet drop'
        hook = "type filter hook forward priority 1;"
        self._nft("hub", f"table inet outage {{\n  chain forward {{\n    {hook}\n    {rule}\n  }}\n}}\n")
        try:
            yield
        finally:
            self._nft("hub", "delete table inet outage")

    def _nft(self, place: str, text: str) -> None:
        done = self.run(["nft", "-f", "-"], place, input=text + "\n")
        if done.returncode:
            raise RehearsalError(f"nft in {place}: {done.stderr.strip()}")

    def _prepare(self, space: Workspace) -> None:
        files.write(space)
        (space.dir / "resolv.conf").write_text("nameserver 10.64.0.53\n", "ascii")
        world.configure(space)
