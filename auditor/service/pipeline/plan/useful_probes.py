"""Leaves out probes whose observations decide nothing about a subject from where the vantage stands.

What cannot be decided is judged so, with its reason, whether it was measured or not; measuring it costs time, most of
all where the names of a whole province are looked up at servers that nobody reaches from there.
"""

from collections.abc import Sequence
from functools import cache

from auditor.framework.catalogue import Catalogue
from auditor.framework.check import Check, VantageKind
from auditor.judging.gates import stands_in_place
from inventory.model import Kind, Network, Subject
from probes.framework.registry import Probe


class UsefulProbes:
    """Knows, for a vantage in some networks, which probes some of the checks can be decided with."""

    def __init__(self, checks: Sequence[Check], known: Catalogue, here: frozenset[Network]) -> None:
        self._checks, self._known, self._here = checks, known, here
        self._of = cache(self._find)

    def can_tell(self, probe: Probe, subject: Subject) -> bool:
        """True if anything may be decided with the probe; everything in a network where the vantage stands."""
        if subject.network in self._here:
            return True
        return probe.name in self._of(subject.network, subject.kinds | subject.candidates)

    def _find(self, network: Network, kinds: frozenset[Kind]) -> frozenset[str]:
        asked = [check for check in self._checks if check.kinds & kinds]
        decidable = [check for check in asked if self._decides(check, network)]
        return frozenset(probe.name for probe in self._known.probes_for(decidable))

    def _decides(self, check: Check, network: Network) -> bool:
        """True if a check can be decided; one of a LAN is decided at the sites where the vantage has an interface."""
        if check.networks is not None and network not in check.networks:
            return False
        return VantageKind.LAN in check.vantage or stands_in_place(check, network, self._here)
