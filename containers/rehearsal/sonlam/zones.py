"""Declares the province's own zone, healthy, and the zones delegated from it, one defect each."""

from containers.rehearsal.model import NameServer, Signing, Zone
from containers.rehearsal.server_families import ServerV4, ServerV6

# Address records of a name server that does not answer spoil the other name-server checks with it.
SPOILT_SERVER = (
    "ipv6.dns.ns-reach-tcp",
    "ipv6.dns.glue-aaaa",
    "ipv6.dns.ns-v4v6-consistency",
    "ipv6.dns.v6-only-resolve",
    "ipv6.dns.aaaa-behaviour",
    "ipv6.dns.large-response",
)

ZONES = (
    Zone(
        label="",
        agency="SL",
        signed=True,
        servers=(
            NameServer(label="ns1", site="named"),
            NameServer(label="ns2", site="knot"),
            NameServer(label="ns3", site="knot"),
        ),
    ),
    Zone(
        label="giaothong",
        agency="SL-XD",
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot", v6=ServerV6.NONE)),
        expected={"ipv6.dns.ns-aaaa": "fail", "ipv6.dns.ns-all-dual": "fail"},
        consequences=("ipv6.dns.ns-reach", "ipv6.dns.v6-only-resolve"),
    ),
    Zone(
        label="thongke",
        agency="SL-TC",
        servers=(
            NameServer(label="ns1", site="named", v6=ServerV6.NONE),
            NameServer(label="ns2", site="knot", v6=ServerV6.NONE),
        ),
        expected={"ipv6.dns.ns-aaaa": "fail"},
        consequences=("ipv6.dns.ns-all-dual", "ipv6.dns.v6-only-resolve", "ipv6.dns.glue-aaaa"),
    ),
    Zone(
        label="luutru",
        agency="SL-NV",
        servers=(NameServer(label="ns1", site="knot"), NameServer(label="ns2", site="knot", v6=ServerV6.SHARED)),
        expected={"ipv6.dns.ns-aaaa": "warn", "security.dns.ns-diversity": "fail"},
    ),
    Zone(
        label="thuviendientu",
        agency="SL-VH",
        servers=(
            NameServer(label="ns1", site="named"),
            NameServer(label="ns2", site="knot"),
            NameServer(label="ns3", site="knot", v6=ServerV6.SILENT),
        ),
        expected={"ipv6.dns.ns-reach": "warn"},
        consequences=SPOILT_SERVER,
    ),
    Zone(
        label="khuyencong",
        agency="SL-CT",
        servers=(
            NameServer(label="ns1", site="named"),
            NameServer(label="ns2", site="named", v6=ServerV6.LAME),
            NameServer(label="ns3", site="knot", v6=ServerV6.LAME),
        ),
        expected={"ipv6.dns.ns-reach": "fail"},
        consequences=SPOILT_SERVER,
    ),
    Zone(
        label="quantrac",
        agency="SL-NNMT",
        servers=(
            NameServer(label="ns1", site="named"),
            NameServer(label="ns2", site="knot"),
            NameServer(label="ns3", site="knot", v6=ServerV6.MAPPED),
        ),
        expected={"ipv6.dns.ns-addr-sane": "fail"},
        consequences=("ipv6.dns.ns-reach", *SPOILT_SERVER),
    ),
    Zone(
        label="hotich",
        agency="SL-TP",
        servers=(
            NameServer(label="ns1", site="named"),
            NameServer(label="ns2", site="knot"),
            NameServer(label="ns3", site="knot", v6=ServerV6.LINK_LOCAL),
        ),
        expected={"ipv6.dns.ns-addr-sane": "fail"},
        consequences=("ipv6.dns.ns-reach", *SPOILT_SERVER),
    ),
    Zone(
        label="dautu",
        agency="SL-TC",
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot", v6=ServerV6.NO_TCP)),
        expected={"ipv6.dns.ns-reach-tcp": "warn"},
        consequences=("ipv6.dns.large-response", "ipv6.dns.ns-v4v6-consistency"),
    ),
    Zone(
        label="nhansu",
        agency="SL-NV",
        signed=True,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot", v6=ServerV6.LARGE_LOST)),
        expected={"ipv6.dns.large-response": "fail"},
        consequences=("ipv6.dns.ns-v4v6-consistency",),
    ),
    Zone(
        label="danhba",
        agency="SL-VP",
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="named")),
        careless=True,
        expected={"security.dns.axfr": "fail", "security.dns.open-resolver": "fail"},
    ),
    Zone(
        label="dichvuso",
        agency="SL-KHCN",
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot", v6=ServerV6.AAAA_DROPPED)),
        expected={"ipv6.dns.aaaa-behaviour": "fail"},
        consequences=("ipv6.dns.v6-only-resolve",),
    ),
    Zone(
        label="thongbao",
        agency="SL-TTR",
        stale=True,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot")),
        expected={"ipv6.dns.ns-v4v6-consistency": "fail"},
    ),
    Zone(
        label="thidua",
        agency="SL-NV",
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "warn"},
    ),
    Zone(
        label="kehoach",
        agency="SL-TC",
        signed=True,
        signing=Signing.NO_DS,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "warn"},
    ),
    Zone(
        label="hosocongviec",
        agency="SL-VP",
        signed=True,
        signing=Signing.WRONG_DS,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "fail"},
    ),
    Zone(
        label="baocao",
        agency="SL-VP",
        signed=True,
        signing=Signing.EXPIRED,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "fail"},
    ),
    Zone(
        label="tintuc",
        agency="SL-VH",
        signed=True,
        signing=Signing.CHANGED,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "fail"},
    ),
    Zone(
        label="luutrudientu",
        agency="SL-TP",
        signed=True,
        signing=Signing.STRIPPED,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "fail"},
    ),
    Zone(
        label="dodac",
        agency="SL-NNMT",
        signed=True,
        signing=Signing.RSASHA1,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot")),
        expected={"security.dns.dnssec-health": "fail"},
    ),
    Zone(
        label="chukyso",
        agency="SL-KHCN",
        signed=True,
        signing=Signing.LEFT_OVER,
        servers=(NameServer(label="ns1", site="knot"), NameServer(label="ns2", site="knot")),
        expected={"security.dns.cds": "fail"},
    ),
    Zone(
        label="vanbandientu",
        agency="SL-VP",
        signed=True,
        signing=Signing.ITERATIONS,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot")),
        expected={"security.dns.dnssec-health": "warn"},
    ),
    Zone(
        label="lienthong",
        agency="SL-KHCN",
        apart=True,
        servers=(
            NameServer(label="ns1", site="named", v6=ServerV6.NONE),
            NameServer(label="ns2", site="named", v6=ServerV6.NONE),
        ),
        expected={"ipv6.dns.ns-aaaa": "fail", "ipv6.dns.v6-only-resolve": "fail"},
        consequences=("ipv6.dns.ns-all-dual", "ipv6.dns.glue-aaaa", "security.dns.ns-diversity"),
    ),
    # A name that is everything at once: its web site, with two addresses of each family, is that of the portal.
    Zone(
        label="phuongmoi",
        agency="SL-VP",
        signed=True,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="knot")),
        web="cong",
        mail="thudientu",
    ),
    Zone(
        label="dulieumo",
        agency="SL-KHCN",
        apart=True,
        glue_v6=False,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="named")),
        expected={"ipv6.dns.glue-aaaa": "fail", "ipv6.dns.v6-only-resolve": "fail"},
    ),
    # Both servers at one provider, in networks of their own.
    Zone(
        label="thuydien",
        agency="SL-CT",
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="named")),
        expected={"security.dns.ns-diversity": "warn"},
    ),
    # The company that had the second server's domain is gone, and so is the domain: anybody may register it.
    Zone(
        label="thitruong",
        agency="SL-CT",
        lapsed=("ns2.congty-dagiaithe.vn",),
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns3", site="knot")),
        expected={"security.dns.dangling": "fail"},
        consequences=("ipv6.dns.ns-all-dual",),
    ),
    # The second server has moved, and nobody told the registrar.
    Zone(
        label="xuctien",
        agency="SL-CT",
        apart=True,
        servers=(NameServer(label="ns1", site="named"), NameServer(label="ns2", site="named", v4=ServerV4.OLD_GLUE)),
        expected={"security.dns.delegation": "fail"},
    ),
    # A firewall in front of the first server drops what it does not know.
    Zone(
        label="hoatiem",
        agency="SL-YT",
        servers=(NameServer(label="ns1", site="named", version_dropped=True), NameServer(label="ns2", site="knot")),
        expected={"security.dns.edns": "fail"},
    ),
    # Over IPv4 the first server's name leads to one that has lost the zone.
    Zone(
        label="duphong",
        agency="SL-YT",
        servers=(NameServer(label="ns1", site="named", v4=ServerV4.LAME), NameServer(label="ns2", site="knot")),
        expected={"security.dns.ns-ipv4": "fail"},
    ),
    # Two domain controllers, each the primary in its own SOA record: the directory keeps them in step, no transfer.
    Zone(
        label="thumuc",
        agency="SL-NV",
        primaries=True,
        servers=(NameServer(label="dc1", site="named"), NameServer(label="dc2", site="knot")),
        expected={"ipv6.dns.ns-v4v6-consistency": "warn"},
    ),
    # Something against floods stands before it and has everybody ask over TCP, as resolvers then do.
    Zone(
        label="chongngap",
        agency="SL-XD",
        udp_truncated=True,
        servers=(NameServer(label="ns1", site="knot"), NameServer(label="ns2", site="knot")),
        expected={
            "ipv6.dns.ns-reach": "pass",
            "ipv6.dns.ns-reach-tcp": "pass",
            "ipv6.dns.v6-only-resolve": "pass",
            "ipv6.dns.aaaa-behaviour": "pass",
            "security.dns.ns-ipv4": "pass",
        },
    ),
)
