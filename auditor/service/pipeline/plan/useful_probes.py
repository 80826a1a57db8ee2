"""Leaves out probes with observations that decide nothing about a subject from the vantage's networks.

A check that cannot be decided gets that outcome and its reason with or without a measurement. The measurement costs
time, most of all if names of a whole province are looked up at servers that cannot be reached from there.
"""

from collections.abc import Sequence
from functools import cache

from auditor.framework.catalogue import Catalogue
from auditor.framework.check import Check, VantageKind
from auditor.judging.gates import stands_in_place
from inventory.model import Kind, Network, Subject
from probes.framework.registry import Probe


class UsefulProbes:
    """Selects, for a vantage in some networks, the probes by which at least one of the checks can be decided."""

    def __init__(self, checks: Sequence[Check], known: Catalogue, here: frozenset[Network]) -> None:
        self._checks, self._known, self._here = checks, known, here
        self._of = cache(self._find)

    def can_tell(self, probe: Probe, subject: Subject) -> bool:
        """True if a check may be decided by the probe; always True in a network where the vantage stands."""
        if subject.network in self._here:
            return True
        return probe.name in self._of(subject.network, subject.kinds | subject.candidates)

    def _find(self, network: Network, kinds: frozenset[Kind]) -> frozenset[str]:
        asked = [check for check in self._checks if check.kinds & kinds]
        decidable = [check for check in asked if self._decides(check, network)]
        return frozenset(probe.name for probe in self._known.probes_for(decidable))

    def _decides(self, check: Check, network: Network) -> bool:
        """True if a check can be decided; a LAN check is decided at the sites where the vantage has an interface."""
        if check.networks is not None and network not in check.networks:
            return False
        return VantageKind.LAN in check.vantage or stands_in_place(check, network, self._here)
