"""Which ports of a subject accept over one family alone, as far as its sweeps have seen: they are swept once more."""

from collections.abc import Iterable, Mapping

from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceSet
from probes.observations.exposure import UNUSED, PortSweep

UNLIKE = "unlike"
"""The hint of an address: ports that only IPv6 accepts on, separated by spaces."""
BRACKET = "bracket"
"""The hint beside it: a port of that address that answered, if any did."""


def unlike(evidence: Iterable[Evidence], addresses: Iterable[IPAddress]) -> Mapping[IPAddress, Mapping[str, str]]:
    """The hints of each address of a subject; none where nothing is to be swept again."""
    accepted: dict[IPAddress, set[int]] = {}
    asked: dict[IPAddress, set[int]] = {}
    wanted = frozenset(addresses)
    for _, step in EvidenceSet(evidence).of(PortSweep):
        if step.address in wanted and step.failure is None:
            asked.setdefault(step.address, set()).update(reply.port for reply in step.replies)
            accepted.setdefault(step.address, set()).update(one.port for one in step.replies if one.failure is None)
    four, six = ([accepted[one] for one in accepted if one.version == version] for version in (4, 6))
    if not four or not six:
        return {}
    ports = set[int]().union(*six) - set[int]().union(*four) - {*UNUSED}
    if not ports:
        return {}
    text = " ".join(map(str, sorted(ports)))
    return {
        one: {UNLIKE: text, **({BRACKET: str(min(known))} if (known := accepted[one] - ports) else {})} for one in asked
    }
