"""Declares the sites inside the province's TSLCD: a hub, a data centre, shared systems and a commune for each defect.

A second rehearsal beside the province, with the same agencies: numbers and addresses are in `network.py`. `expected`
are outcomes by check, of the point itself or, in `of_unit`, of its commune; `consequences` are checks that may fail
with the defect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

Expectations = Mapping[str, str]


class There(Enum):
    """The equipment at a registered connection point."""

    YES = "a device that answers"
    DOWN = "a device whose link is down"
    NOTHING = "nothing: the hub knows no such address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """Describes one commune and its connection point. Numbers of addresses follow the position in the list.

    ``columns`` go over those of its row. ``lossy``: so many percent of what is sent there is lost;
    ``leaks``: the way there leads through the Internet; ``largest``: what is longer is lost (IPv6 without its header);
    ``slow``: what is sent to its IPv6 address takes 60 ms longer; ``shows``: another address on its network of users;
    ``sampled``: what the store holds of it from before, good or bad; ``shaped``: so many kilobytes a second come from
    the server for tests of throughput that stands there, 0: as many as there are, None: there is no such server;
    ``mute_v6``: its device has an IPv6 address and answers nothing over it; ``v6`` False: its row alone names one;
    ``public``: its agent takes the community public; ``tags`` stand in its row beside the usual ones;
    ``limits_echo``: of echo requests few a second come through, and a STAMP responder stands there;
    ``timed``: its device says that it has been up for long, and can be put into the past.
    """

    label: str
    agency: str
    v6: bool = True
    there: There = There.YES
    managed: bool = True
    lossy: int = 0
    leaks: bool = False
    largest: int = 0
    slow: bool = False
    shows: str = ""
    ports: int = 5
    sampled: str = ""
    shaped: int | None = None
    mute_v6: bool = False
    public: bool = False
    tags: str = ""
    limits_echo: bool = False
    timed: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    expected: Expectations = field(default_factory=dict)
    of_unit: Expectations = field(default_factory=dict)
    consequences: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Tell whether every echo to the point comes back in time, over each family that it has."""
        ill = self.lossy or self.slow or self.limits_echo or self.mute_v6 or self.sampled in ("bad", "lossy")
        return self.there is There.YES and not ill


UNREACHED = (
    "tslcd.site.loss",
    "tslcd.site.rtt-jitter",
    "tslcd.ip.dual-stack",
    "tslcd.path.via-tslcd",
    "tslcd.device.min-spec",
    "tslcd.device.power",
    "tslcd.channel.capacity",
    "ipv6.path.min-mtu",
)
"""Checks that are undecided for a point that does not answer."""
SILENT_V6 = ("tslcd.site.loss", "tslcd.site.rtt-jitter", "tslcd.path.via-tslcd", "ipv6.path.min-mtu")
"""Checks that are undecided over IPv6 for a point that answers only over IPv4."""
BAD_SAMPLES = {
    "tslcd.site.reach": "warn",
    "tslcd.site.availability": "fail",
    "tslcd.channel.utilisation": "fail",
    "tslcd.channel.errors": "fail",
    "tslcd.device.power": "fail",
}
SHARED_LAN = "10.65.77.1"
DEAD_NODE = "nut-dong"
"""An aggregation node that is down."""

COMMUNES = (
    Commune(label="d-suoimay", agency="SL-01", sampled="good", shaped=0, timed=True),
    Commune(label="d-khetrang", agency="SL-02", sampled="bad", expected=BAD_SAMPLES),
    Commune(
        label="d-doithong", agency="SL-03", v6=False, expected={"tslcd.ip.dual-stack": "fail"}, consequences=SILENT_V6
    ),
    Commune(
        label="d-banlua",
        agency="SL-04",
        there=There.DOWN,
        expected={"tslcd.site.reach": "fail"},
        consequences=UNREACHED,
    ),
    Commune(
        label="d-deosuong",
        agency="SL-05",
        managed=False,
        lossy=40,
        sampled="lossy",
        expected={"tslcd.site.loss": "fail"},
        consequences=(
            *("tslcd.ip.dual-stack", "tslcd.path.via-tslcd", "tslcd.site.rtt-jitter"),
            *("ipv6.path.min-mtu", "security.ports.v4v6-parity"),
        ),
    ),
    Commune(
        label="d-caugo",
        agency="SL-06",
        leaks=True,
        largest=1_400,
        expected={"tslcd.path.via-tslcd": "fail", "ipv6.path.min-mtu": "warn"},
    ),
    Commune(label="d-thacbac", agency="SL-07", largest=1_000, expected={"ipv6.path.min-mtu": "fail"}),
    Commune(
        label="d-rungvau",
        agency="SL-08",
        ports=3,
        sampled="idle",
        columns={"provider": "", "activated": ""},
        expected={"tslcd.device.min-spec": "fail", "tslcd.site.in-use": "fail"},
        of_unit={"tslcd.site.registered": "warn"},
    ),
    Commune(
        label="d-benngoc",
        agency="SL-10",
        there=There.NOTHING,
        expected={"tslcd.site.reach": "fail"},
        consequences=UNREACHED,
    ),
    Commune(
        label="d-hanggio",
        agency="SL-11",
        shows=SHARED_LAN,
        shaped=1_000,
        expected={"tslcd.ip.plan": "fail", "tslcd.channel.capacity": "fail"},
    ),
    Commune(
        label="d-dongche",
        agency="SL-12",
        shows=SHARED_LAN,
        columns={"bandwidth_mbps": "20000"},
        expected={"tslcd.ip.plan": "fail", "tslcd.channel.capacity": "fail"},
    ),
    Commune(
        label="d-suoimay-2",
        agency="SL-01",
        slow=True,
        managed=False,
        columns={"tags": "secondary"},
        expected={"tslcd.site.rtt-jitter": "warn"},
    ),
    Commune(
        label="d-khetrang-2",
        agency="SL-02",
        limits_echo=True,
        managed=False,
        columns={"tags": "secondary", "services": "ssh:22 stamp:862"},
        consequences=("ipv6.path.min-mtu",),
    ),
    Commune(
        label="d-cuasong",
        agency="SL-03",
        mute_v6=True,
        tags="secondary",
        expected={"tslcd.ip.dual-stack": "fail"},
        consequences=SILENT_V6,
    ),
    Commune(label="d-bandoi", agency="SL-05", public=True, tags="secondary"),
    Commune(
        label="d-dangsua",
        agency="SL-06",
        there=There.DOWN,
        tags="secondary maintenance=2020-01-01T00:00+07:00/2099-01-01T00:00+07:00",
        consequences=("tslcd.site.reach", *UNREACHED),
    ),
    Commune(
        label="d-saptoi",
        agency="SL-07",
        there=There.NOTHING,
        tags="secondary",
        columns={"activated": "2099-01-01"},
        consequences=UNREACHED,
    ),
    Commune(
        label="d-khuatnut",
        agency="SL-08",
        there=There.NOTHING,
        tags=f"secondary parent={DEAD_NODE}",
        consequences=("tslcd.site.reach", *UNREACHED),
    ),
)
UNREGISTERED = "SL-09"
"""A commune in force without a connection point; SL-09 has nothing at all."""
MERGED = "SL-13"
"""A commune that was merged into another: its point is closed, and neither is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Describes a shared system in the inventory. ``place``: the namespace in `network.py` with its addresses."""

    name: str
    kind: str
    place: str
    columns: Mapping[str, str] = field(default_factory=dict)
    tags: str = ""
    expected: Expectations = field(default_factory=dict)
    consequences: tuple[str, ...] = ()


_DECIDED = "level-decision=12/QD-UBND level-review=2099-01-31"
_TWO = "wan=eth0 wan=eth1 route=bac route=nam"
SYSTEMS = (
    System(
        name="ttdl",
        kind="datacentre",
        place="ttdl",
        columns={
            "channel": "CQ-901; CQ-902",
            "security_level": "3",
            "snmp_profile": "core",
            "services": "snmp:161",
            "bandwidth_mbps": "1000",
        },
        tags=f"{_TWO} medium=fibre {_DECIDED} cbdtw={{month}}:{{day}} cbdtw-differ=0.01",
    ),
    System(
        name="ttdl-phu",
        kind="datacentre",
        place="nobody",
        columns={"channel": "CQ-903", "services": "none", "bandwidth_mbps": "1000"},
        tags="level-decision=none cbdtw={month}:none",
        expected={"tslcd.dc.redundancy": "fail", "tslcd.gateway.level": "fail", "tslcd.monitor.feed": "warn"},
        consequences=("ipv6.path.min-mtu", "tslcd.path.via-tslcd"),
    ),
    System(
        name="csdl-dancu",
        kind="host",
        place="ttdl",
        columns={"channel": "CQ-901; CQ-902", "security_level": "4", "snmp_profile": "core", "services": "snmp:161"},
        tags=f"{_TWO} {_DECIDED}",
    ),
    System(
        name="csdl-datdai",
        kind="host",
        place="ttdl",
        columns={"channel": "CQ-901", "security_level": "4", "services": "none"},
        tags=_DECIDED,
        expected={"tslcd.channel.redundancy": "fail"},
    ),
    System(
        name="motcua.sonlam.gov.vn",
        kind="dvc",
        place="shared",
        columns={"services": "http:80", "security_level": "3"},
        tags=_DECIDED,
    ),
    System(
        name="hoihop.sonlam.gov.vn",
        kind="api",
        place="nobody",
        columns={"services": "http:80", "security_level": "3"},
        tags=_DECIDED,
        expected={"tslcd.app.reach": "fail"},
        consequences=("ipv6.path.min-mtu", "tslcd.path.via-tslcd"),
    ),
    System(
        name="luutru.sonlam.gov.vn",
        kind="api",
        place="anchor",
        columns={"services": "http:80", "security_level": "3"},
        tags=_DECIDED,
        expected={"tslcd.path.via-tslcd": "fail", "tslcd.app.reach": "fail"},
        consequences=("ipv6.path.min-mtu",),
    ),
)
"""``luutru``: the DNS inside leads to where it stands on the Internet."""

EXPOSED = {"gw-ho": {"tslcd.isolation.not-exposed": "fail"}, "gw-kin": {}}
"""Equipment with public addresses, as the vantage outside sees it: one manages itself from anywhere, one hides."""
