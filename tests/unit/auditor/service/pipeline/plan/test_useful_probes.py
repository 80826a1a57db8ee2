"""Tests that no probe runs if it decides nothing from the vantage's network."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from auditor.framework import catalogue
from auditor.service.pipeline.plan.useful_probes import UsefulProbes
from inventory.model import Kind, Network
from tests.unit.auditor.service.store.examples import subject

KNOWN = catalogue.load()
CHECKS = KNOWN.select((), ())
INTERNET, TSLCD = frozenset({Network.INTERNET}), frozenset({Network.TSLCD})


def useful(kind: Kind, network: Network, here: Iterable[Network]) -> set[str]:
    """Return the names of the probes that are useful for a subject of this kind."""
    asked = replace(subject(), kind=kind, kinds=frozenset({kind}), network=network)
    places = UsefulProbes(CHECKS, KNOWN, frozenset(here))
    return {probe.name for probe in KNOWN.probes_for(CHECKS) if places.can_tell(probe, asked)}


@pytest.mark.parametrize("kind", [Kind.ZONE, Kind.MAIL])
def test_can_tell_from_inside_tslcd_nothing_of_the_internets_names(kind: Kind) -> None:
    assert useful(kind, Network.INTERNET, TSLCD) == set()


@pytest.mark.parametrize("network", list(Network))
def test_can_tell_everything_where_the_vantage_stands(network: Network) -> None:
    every = {probe.name for probe in KNOWN.probes_for(CHECKS)}
    assert useful(Kind.PORTAL, network, {network}) == every
    assert useful(Kind.ZONE, network, Network) == every


def test_can_tell_from_outside_what_is_exposed() -> None:
    probes = useful(Kind.CONNECTION_POINT, Network.TSLCD, INTERNET)
    assert {"tcp", "snmp"} <= probes
    assert "tls_support" not in probes


def test_can_tell_with_chosen_checks_only_what_they_need() -> None:
    places = UsefulProbes(KNOWN.select(("ipv6.web",), ()), KNOWN, TSLCD)
    portal = replace(subject(), network=Network.INTERNET)
    assert not any(places.can_tell(probe, portal) for probe in KNOWN.probes.values())
