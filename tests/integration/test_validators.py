"""Tests that our validation agrees with BIND's and Unbound's for every zone of the rehearsal, sound or broken."""

import json
import sys

from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.model import Signing
from containers.rehearsal.province import PROVINCE

pytest_plugins = ("tests.support.rehearsal",)

STATES = {
    Signing.GOOD: "secure",
    Signing.NO_DS: "insecure",
    Signing.WRONG_DS: "bogus",
    Signing.EXPIRED: "bogus",
    Signing.CHANGED: "bogus",
    Signing.STRIPPED: "bogus",
    Signing.RSASHA1: "secure",
    Signing.ITERATIONS: "secure",
    Signing.LEFT_OVER: "secure",
}


def test_three_validators_agree_on_every_zone(lab: Rehearsal) -> None:
    ran = lab.run([sys.executable, "-m", "tests.support.validators", "json"], timeout=300)
    assert ran.returncode == 0, ran.stderr
    found = {zone: (own, delv, unbound) for zone, own, _, delv, unbound in json.loads(ran.stdout)}
    wanted = {PROVINCE.fqdn(zone.label): STATES[zone.signing] if zone.signed else "insecure" for zone in PROVINCE.zones}
    assert {zone: (state,) * 3 for zone, state in wanted.items()}.items() <= found.items()
    assert all(len(set(states)) == 1 for states in found.values())
    assert {states[0] for states in found.values()} == {"secure", "insecure", "bogus"}
