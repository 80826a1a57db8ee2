"""Makes golden cases of ``tslcd.channel.capacity`` with tests of throughput beside the port."""

from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address

from inventory.model import IPAddress
from probes.framework.evidence import Evidence
from probes.observations.snmp import SnmpWalk
from probes.observations.throughput import ThroughputTest
from probes.wire.snmp import oids
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.lab_snmp import INTERFACES, SYSTEM, polled, walk
from tests.golden.lab_tslcd import HUB4, HUB6, REGISTERED, ROW, XA4, XA6, inside, point


def _port(mbps: int) -> SnmpWalk:
    return walk(oids.IF_HIGH_SPEED, {oids.IF_HIGH_SPEED: {(2,): mbps}})


def downloads(*, control: float | None = 900, status: int = 200, **mbps: float) -> tuple[Evidence, ...]:
    """Return tests by family (``v4``, ``v6``) with rates in Mbit/s, and ``control``, the rate of our own line."""
    return tuple(
        _download(ip_address(XA6 if name == "v6" else XA4), reached, control, status) for name, reached in mbps.items()
    )


def _download(address: IPAddress, reached: float, control: float | None, status: int) -> Evidence:
    step = ThroughputTest(
        address=address,
        port=8081,
        url="http://xa-a:8081/throughput",
        wanted=62_500_000,
        status=status,
        received=int(reached * 1e6),
        seconds=8.0,
        control=ip_address(HUB6 if address.version == 6 else HUB4),
        control_rate=None if control is None else control * 1e6,
    )
    return lab.evidence("throughput", step, task=str(address), endpoint=lab.at(str(address), None, None))


def cases() -> Iterator[Case]:
    case = partial(inside, check="tslcd.channel.capacity", subject=point(tags=("wan=ge-0/0/2",), declared=REGISTERED))
    fast, slow = polled(SYSTEM, *INTERFACES, _port(1000)), polled(SYSTEM, *INTERFACES, _port(10))

    def seen(code: str, about: str, tests: tuple[Evidence, ...], variant: str = "tests", port: Evidence = fast) -> Case:
        return case(code=code, about=about, variant=variant, evidence=(ROW, port, *tests), expect=((code, None),))

    yield seen("CARRIES", "Both families above 90 %.", downloads(v4=96, v6=91), "")
    yield seen("CARRIES_LESS", "The slower family at 80 %.", downloads(v4=96, v6=80), "")
    yield seen("CARRIES_MUCH_LESS", "60 %, and our own line carried more.", downloads(v4=60), "")
    yield seen("OWN_LINE", "60 %, and nothing tells what our own line carries.", downloads(v4=60, control=None), "")
    yield seen("OWN_LINE", "60 %, and our own line carried 70.", downloads(v4=60, control=70), "narrow")
    yield seen("ENOUGH", "The server gave no object.", downloads(v4=60, status=404), "refused")
    yield seen("ENOUGH", "A tenth of a megabyte tells nothing.", downloads(v4=0.1), "little")
    yield seen("TOO_SLOW", "A port that is too slow stays so whatever a test says.", downloads(v4=95), "tested", slow)
    yield case(
        code="CARRIES",
        variant="alone",
        about="The device was not read; the way was tested.",
        evidence=(ROW, *downloads(v4=95)),
        expect=(("CARRIES", None),),
    )
