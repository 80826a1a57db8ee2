"""Tests the lookups and fetches of the probe ``mail_transport``."""

from probes.framework.recorder import Recorder
from probes.framework.tasks import NameTask
from probes.mail_transport import mail_transport
from probes.observations.dns import NameLookup
from probes.observations.dnssec import ZoneAnswer
from probes.observations.mail import PolicyFetch
from tests.unit.probes.fake_names import FakeNames
from tests.unit.probes.fake_net import FakeNet


async def test_mail_transport() -> None:
    records = {
        ("a.vn", "MX"): ("20 b.vn", "10 mx.a.vn"),
        ("_mta-sts.a.vn", "TXT"): ('"v=STSv1; id=1"',),
        ("mta-sts.a.vn", "AAAA"): ("2001:db8::1", "2001:db8::2", "2001:db8::3"),
    }
    rec = Recorder(lambda: 0.0)
    task = NameTask(name="a.vn", roles=frozenset({"mail"}))
    await mail_transport(task, FakeNet(names=FakeNames(records=records)), rec)
    asked = [f"{step.rtype} {step.name}" for step in rec.steps if isinstance(step, NameLookup)]
    assert asked == [
        "MX a.vn",
        "TXT _mta-sts.a.vn",
        "TXT _smtp._tls.a.vn",
        "TLSA _25._tcp.mx.a.vn",
        "TLSA _25._tcp.b.vn",
        "TLSA mx.a.vn",
        "TLSA b.vn",
        "A mta-sts.a.vn",
        "AAAA mta-sts.a.vn",
    ]
    fetched = [(str(step.address), step.url) for step in rec.steps if isinstance(step, PolicyFetch)]
    url = "https://mta-sts.a.vn/.well-known/mta-sts.txt"
    assert fetched == [("2001:db8::1", url), ("2001:db8::2", url)]
    quiet = Recorder(lambda: 0.0)
    await mail_transport(task, FakeNet(), quiet)
    pairs = [(step.name, step.rtype) for step in quiet.steps if isinstance(step, NameLookup)]
    assert (pairs[3:], len(quiet.steps)) == (
        [("_25._tcp.a.vn", "TLSA"), ("a.vn", "TLSA")],
        5,
    )  # no MX: the domain may be its own exchanger


async def test_mail_transport_asks_where_an_exchanger_is_an_alias_of_too() -> None:
    """The way there is asked for with its signatures only where TLSA records are at its end."""
    records = {
        ("a.vn", "MX"): ("10 mx.a.vn", "20 mx2.a.vn", "30 mx3.a.vn"),
        ("_25._tcp.host.b.vn", "TLSA"): ("\\# 35 030101" + "00" * 32,),
    }
    aliases = {"mx.a.vn": ("mid.a.vn", "host.b.vn"), "mx2.a.vn": ("host.b.vn",), "mx3.a.vn": ("other.b.vn",)}
    rec = Recorder(lambda: 0.0)
    task = NameTask(name="a.vn", roles=frozenset({"mail"}))
    await mail_transport(task, FakeNet(names=FakeNames(records=records, aliases=aliases)), rec)
    asked = [step.name for step in rec.steps if isinstance(step, NameLookup) and step.role == "tlsa"]
    assert asked[3:] == ["_25._tcp.host.b.vn", "_25._tcp.other.b.vn"]
    signed = [f"{step.qtype} {step.qname}" for step in rec.steps if isinstance(step, ZoneAnswer)]
    assert signed == ["MX a.vn", "TLSA _25._tcp.host.b.vn", "CNAME mx.a.vn", "CNAME mid.a.vn", "CNAME mx2.a.vn"]


async def test_mail_transport_asks_whether_the_exchanger_is_signed_where_nobody_answers_for_its_tlsa() -> None:
    """Senders ask for TLSA only where the addresses are signed (RFC 7672 §2.2.2)."""
    records = {("a.vn", "MX"): ("10 mx.a.vn", "20 mx2.a.vn")}
    names = FakeNames(records=records, unanswered=frozenset({("_25._tcp.mx2.a.vn", "TLSA")}))
    rec = Recorder(lambda: 0.0)
    await mail_transport(NameTask(name="a.vn", roles=frozenset({"mail"})), FakeNet(names=names), rec)
    signed = [f"{step.qtype} {step.qname}" for step in rec.steps if isinstance(step, ZoneAnswer)]
    assert signed == ["A mx2.a.vn", "AAAA mx2.a.vn"]
