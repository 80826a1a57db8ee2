"""Holds a judgement in memory, with the conditions it was made under."""

from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Network

from auditor.framework.check import Check
from auditor.framework.context import Health, VantageHealth
from auditor.framework.findings import CheckId, Finding
from auditor.framework.policy import Policy
from auditor.service.store.records import JudgementId, JudgementRecord, RunRecord
from inventory.inventory import Inventory
from inventory.model import IPAddress, Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """Holds the part of a vantage's state in a run that reports show: networks, addresses, health."""

    name: str
    networks: frozenset[Network]
    ipv4: Health
    ipv6: Health
    dns: Health
    sources: tuple[IPAddress, ...] = ()
    nat64: tuple[IPv6Network, ...] = ()

    @property
    def has_ipv6_alone(self) -> bool:
        """True if its network has no IPv4 on purpose and reaches it through NAT64."""
        return self.ipv4 is Health.NONE and bool(self.nat64)

    @classmethod
    def of(cls, health: VantageHealth) -> "Vantage":
        """Return the vantage without the parts that only checks need while they judge."""
        return cls(
            name=health.name,
            networks=health.networks,
            ipv4=health.ipv4,
            ipv6=health.ipv6,
            dns=health.dns,
            sources=health.sources,
            nat64=health.nat64,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageConditions:
    """Holds the health of one vantage, and the findings of its self-test."""

    vantage: Vantage
    selftest: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Holds the results that a judgement computed from all evidence of its run before it judged the first subject.

    ``inventory_findings`` are those of ``meta.inventory.*``, which belong to the run; ``others`` are the further
    vantages of a round.
    """

    vantage: Vantage
    selftest: tuple[Finding, ...] = ()
    inventory_findings: tuple[Finding, ...] = ()
    others: tuple[VantageConditions, ...] = ()

    @property
    def vantages(self) -> tuple[VantageConditions, ...]:
        """The vantages of the run, each with its own self-test."""
        return VantageConditions(vantage=self.vantage, selftest=self.selftest), *self.others

    @property
    def ipv6_only(self) -> bool:
        """True if no vantage was meant to have IPv4."""
        return all(member.vantage.has_ipv6_alone for member in self.vantages)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedJudgement:
    """Holds a judgement and everything under which it was made.

    ``chosen`` are the checks that the run was made for, including those that this program no longer has; ``checks`` are
    those of them that it has. ``read_inventory`` is called when the inventory is needed: building thousands of subjects
    takes a second, which most pages can save.
    """

    record: JudgementRecord
    run: RunRecord
    policy: Policy
    one_round: bool
    checks: tuple[Check, ...]
    chosen: frozenset[CheckId]
    conditions: Conditions
    read_inventory: Callable[[], Inventory] = field(compare=False, repr=False)

    @property
    def inventory(self) -> Inventory:
        return self.read_inventory()

    @property
    def id(self) -> JudgementId:
        return self.record.id
