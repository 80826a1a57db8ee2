"""Declares web hosts with one defect each that routing tables show (`routing.py`)."""

from containers.rehearsal.model import PortalSpec

ROUTING_DEFECTS = (
    PortalSpec(label="bachkhoa", agency="SL-VH", hijacked=True, expected={"security.routing.rpki": "fail"}),
    PortalSpec(
        label="luuchieu",
        agency="SL-NV",
        expected_asn=64_999,  # of a provider that it had once
        expected={"ipv6.path.prefix-announced": "fail"},
    ),
)
