"""Declares web hosts with one defect each that routing tables show (`routing.py`)."""

from containers.rehearsal.model import Portal

ROUTING_DEFECTS = (
    Portal(label="bachkhoa", agency="SL-VH", hijacked=True, expected={"security.routing.rpki": "fail"}),
    Portal(
        label="luuchieu",
        agency="SL-NV",
        expected_asn=64_999,  # of a provider that it had once
        expected={"ipv6.path.prefix-announced": "fail"},
    ),
)
