"""Declares web hosts with a defect of the path to them."""

from containers.rehearsal.model import CertificateKind, Face, PortalSpec

PATH_DEFECTS = (
    PortalSpec(
        label="thethao",
        agency="SL-VH",
        minimum_lost=True,
        expected={"ipv6.path.min-mtu": "fail"},
        consequences=("ipv6.path.tunnel", "ipv6.path.large-transfer", "ipv6.path.fragment"),
    ),
    PortalSpec(
        label="lehoi",
        agency="SL-VH",
        mute_v6=True,
        expected={"ipv6.path.icmp-errors": "fail"},
        consequences=("security.ports.v4v6-parity", "ipv6.path.time-exceeded"),
    ),
    # Its firewall takes all of ICMPv6 for an attack.
    PortalSpec(
        label="tuongthanh",
        agency="SL-XD",
        site="lakeside",
        icmp6_lost=True,
        expected={"ipv6.path.pmtud": "fail", "ipv6.path.echo": "warn"},
        consequences=("ipv6.path.min-mtu", "ipv6.path.tunnel", "ipv6.path.loss-rtt-parity", "ipv6.path.icmp-errors"),
    ),
    PortalSpec(label="hochua", agency="SL-NNMT", site="delta", expected={"ipv6.path.time-exceeded": "fail"}),
    # Somebody once cured a black hole by clamping the segment size.
    PortalSpec(label="buudien", agency="SL-VH", clamped=True, expected={}),
    # A tunnel on its way loses full packets, and nobody hears of it.
    PortalSpec(
        label="langnghe",
        agency="SL-VH",
        site="marsh",
        full_lost=True,
        face=Face(certificate=CertificateKind.NO_PROOFS),  # with proofs its handshake would not fit one packet
        expected={"ipv6.path.large-transfer": "fail"},
        consequences=(
            "security.tls.certificate-transparency",
            "ipv6.path.pmtud",
            "ipv6.web.same-content",
            "ipv6.web.resources",
            "ipv6.web.http-ok",
        ),
    ),
)
