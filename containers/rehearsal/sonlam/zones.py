"""Declares the province's own zone, healthy, and the zones delegated from it, one defect each."""

from containers.rehearsal.model import NameServerSpec, Signing, ZoneSpec
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
    ZoneSpec(
        label="",
        agency="SL",
        signed=True,
        servers=(
            NameServerSpec(label="ns1", site="named"),
            NameServerSpec(label="ns2", site="knot"),
            NameServerSpec(label="ns3", site="knot"),
        ),
    ),
    ZoneSpec(
        label="giaothong",
        agency="SL-XD",
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="knot", v6=ServerV6.NONE)),
        expected={"ipv6.dns.ns-aaaa": "fail", "ipv6.dns.ns-all-dual": "fail"},
        consequences=("ipv6.dns.ns-reach", "ipv6.dns.v6-only-resolve"),
    ),
    ZoneSpec(
        label="thongke",
        agency="SL-TC",
        servers=(
            NameServerSpec(label="ns1", site="named", v6=ServerV6.NONE),
            NameServerSpec(label="ns2", site="knot", v6=ServerV6.NONE),
        ),
        expected={"ipv6.dns.ns-aaaa": "fail"},
        consequences=("ipv6.dns.ns-all-dual", "ipv6.dns.v6-only-resolve", "ipv6.dns.glue-aaaa"),
    ),
    ZoneSpec(
        label="luutru",
        agency="SL-NV",
        servers=(
            NameServerSpec(label="ns1", site="knot"),
            NameServerSpec(label="ns2", site="knot", v6=ServerV6.SHARED),
        ),
        expected={"ipv6.dns.ns-aaaa": "warn", "security.dns.ns-diversity": "fail"},
    ),
    ZoneSpec(
        label="thuviendientu",
        agency="SL-VH",
        servers=(
            NameServerSpec(label="ns1", site="named"),
            NameServerSpec(label="ns2", site="knot"),
            NameServerSpec(label="ns3", site="knot", v6=ServerV6.SILENT),
        ),
        expected={"ipv6.dns.ns-reach": "warn"},
        consequences=SPOILT_SERVER,
    ),
    ZoneSpec(
        label="khuyencong",
        agency="SL-CT",
        servers=(
            NameServerSpec(label="ns1", site="named"),
            NameServerSpec(label="ns2", site="named", v6=ServerV6.LAME),
            NameServerSpec(label="ns3", site="knot", v6=ServerV6.LAME),
        ),
        expected={"ipv6.dns.ns-reach": "fail"},
        consequences=SPOILT_SERVER,
    ),
    ZoneSpec(
        label="quantrac",
        agency="SL-NNMT",
        servers=(
            NameServerSpec(label="ns1", site="named"),
            NameServerSpec(label="ns2", site="knot"),
            NameServerSpec(label="ns3", site="knot", v6=ServerV6.MAPPED),
        ),
        expected={"ipv6.dns.ns-addr-sane": "fail"},
        consequences=("ipv6.dns.ns-reach", *SPOILT_SERVER),
    ),
    ZoneSpec(
        label="hotich",
        agency="SL-TP",
        servers=(
            NameServerSpec(label="ns1", site="named"),
            NameServerSpec(label="ns2", site="knot"),
            NameServerSpec(label="ns3", site="knot", v6=ServerV6.LINK_LOCAL),
        ),
        expected={"ipv6.dns.ns-addr-sane": "fail"},
        consequences=("ipv6.dns.ns-reach", *SPOILT_SERVER),
    ),
    ZoneSpec(
        label="dautu",
        agency="SL-TC",
        servers=(
            NameServerSpec(label="ns1", site="named"),
            NameServerSpec(label="ns2", site="knot", v6=ServerV6.NO_TCP),
        ),
        expected={"ipv6.dns.ns-reach-tcp": "warn"},
        consequences=("ipv6.dns.large-response", "ipv6.dns.ns-v4v6-consistency"),
    ),
    ZoneSpec(
        label="nhansu",
        agency="SL-NV",
        signed=True,
        servers=(
            NameServerSpec(label="ns1", site="named"),
            NameServerSpec(label="ns2", site="knot", v6=ServerV6.LARGE_LOST),
        ),
        expected={"ipv6.dns.large-response": "fail"},
        consequences=("ipv6.dns.ns-v4v6-consistency",),
    ),
    ZoneSpec(
        label="danhba",
        agency="SL-VP",
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="named")),
        careless=True,
        expected={"security.dns.axfr": "fail", "security.dns.open-resolver": "fail"},
    ),
    ZoneSpec(
        label="dichvuso",
        agency="SL-KHCN",
        servers=(
            NameServerSpec(label="ns1", site="named"),
            NameServerSpec(label="ns2", site="knot", v6=ServerV6.AAAA_DROPPED),
        ),
        expected={"ipv6.dns.aaaa-behaviour": "fail"},
        consequences=("ipv6.dns.v6-only-resolve",),
    ),
    ZoneSpec(
        label="thongbao",
        agency="SL-TTR",
        stale=True,
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="knot")),
        expected={"ipv6.dns.ns-v4v6-consistency": "fail"},
    ),
    ZoneSpec(
        label="thidua",
        agency="SL-NV",
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "warn"},
    ),
    ZoneSpec(
        label="kehoach",
        agency="SL-TC",
        signed=True,
        signing=Signing.NO_DS,
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "warn"},
    ),
    ZoneSpec(
        label="hosocongviec",
        agency="SL-VP",
        signed=True,
        signing=Signing.WRONG_DS,
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "fail"},
    ),
    ZoneSpec(
        label="baocao",
        agency="SL-VP",
        signed=True,
        signing=Signing.EXPIRED,
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "fail"},
    ),
    ZoneSpec(
        label="tintuc",
        agency="SL-VH",
        signed=True,
        signing=Signing.CHANGED,
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "fail"},
    ),
    ZoneSpec(
        label="luutrudientu",
        agency="SL-TP",
        signed=True,
        signing=Signing.STRIPPED,
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="knot")),
        expected={"security.dns.dnssec": "fail"},
    ),
    ZoneSpec(
        label="dodac",
        agency="SL-NNMT",
        signed=True,
        signing=Signing.RSASHA1,
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="knot")),
        expected={"security.dns.dnssec-health": "fail"},
    ),
    ZoneSpec(
        label="chukyso",
        agency="SL-KHCN",
        signed=True,
        signing=Signing.LEFT_OVER,
        servers=(NameServerSpec(label="ns1", site="knot"), NameServerSpec(label="ns2", site="knot")),
        expected={"security.dns.cds": "fail"},
    ),
    ZoneSpec(
        label="vanbandientu",
        agency="SL-VP",
        signed=True,
        signing=Signing.ITERATIONS,
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="knot")),
        expected={"security.dns.dnssec-health": "warn"},
    ),
    ZoneSpec(
        label="lienthong",
        agency="SL-KHCN",
        apart=True,
        servers=(
            NameServerSpec(label="ns1", site="named", v6=ServerV6.NONE),
            NameServerSpec(label="ns2", site="named", v6=ServerV6.NONE),
        ),
        expected={"ipv6.dns.ns-aaaa": "fail", "ipv6.dns.v6-only-resolve": "fail"},
        consequences=("ipv6.dns.ns-all-dual", "ipv6.dns.glue-aaaa", "security.dns.ns-diversity"),
    ),
    # A name that is everything at once: its web site, with two addresses of each family, is that of the portal.
    ZoneSpec(
        label="phuongmoi",
        agency="SL-VP",
        signed=True,
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="knot")),
        web="cong",
        mail="thudientu",
    ),
    ZoneSpec(
        label="dulieumo",
        agency="SL-KHCN",
        apart=True,
        glue_v6=False,
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="named")),
        expected={"ipv6.dns.glue-aaaa": "fail", "ipv6.dns.v6-only-resolve": "fail"},
    ),
    # Both servers at one provider, in networks of their own.
    ZoneSpec(
        label="thuydien",
        agency="SL-CT",
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns2", site="named")),
        expected={"security.dns.ns-diversity": "warn"},
    ),
    # The company that had the second server's domain is gone, and so is the domain: anybody may register it.
    ZoneSpec(
        label="thitruong",
        agency="SL-CT",
        lapsed=("ns2.congty-dagiaithe.vn",),
        servers=(NameServerSpec(label="ns1", site="named"), NameServerSpec(label="ns3", site="knot")),
        expected={"security.dns.dangling": "fail"},
        consequences=("ipv6.dns.ns-all-dual",),
    ),
    # The second server has moved, and nobody told the registrar.
    ZoneSpec(
        label="xuctien",
        agency="SL-CT",
        apart=True,
        servers=(
            NameServerSpec(label="ns1", site="named"),
            NameServerSpec(label="ns2", site="named", v4=ServerV4.OLD_GLUE),
        ),
        expected={"security.dns.delegation": "fail"},
    ),
    # A firewall in front of the first server drops what it does not know.
    ZoneSpec(
        label="hoatiem",
        agency="SL-YT",
        servers=(
            NameServerSpec(label="ns1", site="named", version_dropped=True),
            NameServerSpec(label="ns2", site="knot"),
        ),
        expected={"security.dns.edns": "fail"},
    ),
    # Over IPv4 the first server's name leads to one that has lost the zone.
    ZoneSpec(
        label="duphong",
        agency="SL-YT",
        servers=(NameServerSpec(label="ns1", site="named", v4=ServerV4.LAME), NameServerSpec(label="ns2", site="knot")),
        expected={"security.dns.ns-ipv4": "fail"},
    ),
    # Two domain controllers, each the primary in its own SOA record: the directory keeps them in step, no transfer.
    ZoneSpec(
        label="thumuc",
        agency="SL-NV",
        primaries=True,
        servers=(NameServerSpec(label="dc1", site="named"), NameServerSpec(label="dc2", site="knot")),
        expected={"ipv6.dns.ns-v4v6-consistency": "warn"},
    ),
    # Something against floods stands before it and has everybody ask over TCP, as resolvers then do.
    ZoneSpec(
        label="chongngap",
        agency="SL-XD",
        udp_truncated=True,
        servers=(NameServerSpec(label="ns1", site="knot"), NameServerSpec(label="ns2", site="knot")),
        expected={
            "ipv6.dns.ns-reach": "pass",
            "ipv6.dns.ns-reach-tcp": "pass",
            "ipv6.dns.v6-only-resolve": "pass",
            "ipv6.dns.aaaa-behaviour": "pass",
            "security.dns.ns-ipv4": "pass",
        },
    ),
)
