"""Tests the TLS enumeration behind STARTTLS on real sockets: the number of connections, and the result of silence."""

import asyncio
import ssl
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, ip_network
from pathlib import Path

import pytest

from inventory.model import Endpoint
from inventory.scope import Scope
from probes.framework.profile import QUICK, Profile
from probes.framework.recorder import Recorder
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.observations.tls import Answer, Stopped, TlsSupport
from probes.tls_support import enumerate_tls
from tests.integration.test_net import Unlimited
from tests.support import private_net
from tests.support.mail_host import MailHost
from tests.support.scripted import certificates, stream

pytestmark = pytest.mark.needs_root

HONEST = 20
PLACES = tuple(IPv6Address("2001:db8:25::") + number for number in range(1, HONEST + 2))
ADDRESSES = "".join(f"ip addr add {one}/128 dev lo nodad\n" for one in PLACES)
NAME = "mx.example.vn"
FASTER = replace(QUICK, smtp_pause=0.01, tls=4.0)
"""A profile with short pauses: only the tests that say so depend on their length."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Holds one enumeration and the host that it was made at."""

    found: TlsSupport
    host: MailHost
    seconds: float

    @property
    def facts(self) -> TlsSupport:
        """The result, without the fields in which hosts differ that accept the same."""
        versions = tuple(replace(one, failure=None) for one in self.found.versions)
        return replace(self.found, address=PLACES[0], t0=0.0, t=0.0, hellos=0, versions=versions)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """Return a context with TLS 1.2 and 1.3 as a mail host should have."""
    chain, _ = certificates(tmp_path_factory.mktemp("pki"), NAME)
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.minimum_version = ssl.TLSVersion.TLSv1_2
    found.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    found.load_cert_chain(chain)
    return found


def ask(hosts: list[MailHost], timing: Profile) -> list[Asked]:
    """Enumerate TLS of all hosts at the same time, each at an address of its own."""

    async def one(net: KernelNet, place: IPv6Address, host: MailHost) -> Asked:
        began = time.monotonic()
        rec = Recorder(time.monotonic)
        found = await enumerate_tls(net, rec, Endpoint(address=place, port=25, name=NAME), protocol="smtp")
        return Asked(found, host, time.monotonic() - began)

    async def main() -> list[Asked]:
        setting = Setting(
            scope=Scope(allow=(ip_network("::/0"),)),
            limits=Unlimited(),
            timing=timing,
            names=Source(hints=parse_hints(". NS a\na A 192.0.2.1")),
            strict=True,
        )
        async with AsyncExitStack() as stack:
            for place, host in zip(PLACES, hosts, strict=False):
                await stack.enter_async_context(stream(str(place), 25, host))
            net = await stack.enter_async_context(KernelNet(setting))
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(one(net, *pair)) for pair in zip(PLACES, hosts, strict=False)]
            return [task.result() for task in asked]

    return private_net.run(ADDRESSES, main)


def test_tls_support_host_that_refuses_in_silence_accepts_what_others_accept(context: ssl.SSLContext) -> None:
    """Twenty hosts that refuse by alerts do not wait for the silent one; no address has two connections at once."""
    mute, *honest = ask([MailHost(context, mute=True), *(MailHost(context) for _ in range(HONEST))], FASTER)
    assert {one.facts for one in honest} == {mute.facts}
    assert {one.answer for one in mute.found.versions} == {Answer.ACCEPTED, Answer.REFUSED}
    assert all(one.complete for one in mute.found.versions)
    assert mute.found.stopped is Stopped.NO
    assert max(one.host.most for one in (mute, *honest)) == 1
    assert max(one.host.connections for one in honest) <= 27
    assert mute.host.connections < 45
    assert max(one.seconds for one in honest) < mute.seconds


@pytest.mark.slow
def test_tls_support_sound_host_takes_few_connections_in_profile_quick(context: ssl.SSLContext) -> None:
    (one,) = ask([MailHost(context)], QUICK)
    print(f"one sound mail host: {one.seconds:.1f} s, {one.found.hellos} hellos")
    assert one.found.stopped is Stopped.NO
    assert one.host.connections <= 27


@pytest.mark.slow
def test_tls_support_host_that_refuses_in_silence_takes_no_minute_in_profile_quick(context: ssl.SSLContext) -> None:
    (one,) = ask([MailHost(context, mute=True)], QUICK)
    print(f"one mail host that refuses in silence: {one.seconds:.1f} s, {one.found.hellos} hellos")
    assert one.found.stopped is Stopped.NO  # the limit is a minute


@pytest.mark.filterwarnings("ignore:ssl.*TLS.*deprecated:DeprecationWarning")
@pytest.mark.parametrize("missing", [ssl.OP_NO_TLSv1, ssl.OP_NO_TLSv1_1], ids=["TLS 1.1 alone", "TLS 1.0 alone"])
def test_tls_support_of_a_hurry_finds_an_old_version_beside_tls_13(
    context: ssl.SSLContext, missing: ssl.Options, tmp_path: Path
) -> None:
    chain, _ = certificates(tmp_path, NAME)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.options |= missing
    old.load_cert_chain(chain)
    one, sound = ask([MailHost(old), MailHost(context)], FASTER)
    accepted = {version.version for version in one.found.versions if version.answer is Answer.ACCEPTED}
    assert accepted == {"TLSv1.3", "TLSv1.2", "TLSv1.1" if missing is ssl.OP_NO_TLSv1 else "TLSv1.0"}
    refused = {version.version for version in sound.found.versions if version.answer is Answer.REFUSED}
    assert refused == {"TLSv1.1", "TLSv1.0", "SSLv3", "SSLv2"}


@pytest.mark.parametrize("after", [3, 12, 20])
def test_tls_support_host_that_is_gone_has_refused_nothing(context: ssl.SSLContext, after: int) -> None:
    (one,) = ask([MailHost(context, mute=True, gone_after=after)], replace(FASTER, tls=1.0))
    assert one.found.stopped is Stopped.RATE
    accepted = {version.version for version in one.found.versions if version.answer is Answer.ACCEPTED}
    assert accepted == {"TLSv1.3", "TLSv1.2"}
    unfinished = [version.version for version in one.found.versions if not version.complete]
    assert unfinished


def test_tls_support_time_that_is_used_up_hands_over_what_was_found(context: ssl.SSLContext) -> None:
    (one,) = ask([MailHost(context, mute=True)], replace(FASTER, mail_enumeration=5.0))
    assert one.found.stopped is Stopped.TIME
    assert [version.answer for version in one.found.versions[:2]] == [Answer.ACCEPTED, Answer.ACCEPTED]
