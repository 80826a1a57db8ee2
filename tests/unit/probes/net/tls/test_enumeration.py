"""Tests the enumeration of TLS with simulated servers: its results, its order, and when it gives up."""

import asyncio
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

import pytest

from probes.framework.evidence import Failure, FailureKind
from probes.net.tls import scan_gate
from probes.net.tls.client_hello import HelloReply, Hellos, HelloTarget
from probes.net.tls.enumeration import Enumeration
from probes.net.tls.scan_gate import Gates, Inquiry
from probes.net.tls.starttls import https
from probes.observations.tls import Answer, Stopped, TlsSupport, VersionSupport
from probes.wire.tls import signatures
from probes.wire.tls.flight import Alert, Flight, KeyExchange, ServerHello
from probes.wire.tls.hello import HelloOffer
from probes.wire.tls.numbers import (
    EXTENDED_MASTER_SECRET,
    FALLBACK_SCSV,
    RENEGOTIATION_INFO,
    SSL3,
    TLS10,
    TLS11,
    TLS12,
    TLS13,
)
from probes.wire.tls.signatures import MD5, SHA224
from probes.wire.tls.ssl2 import Ssl2Hello
from probes.wire.tls.suites import by_code, by_name
from tests.unit.probes.framework.virtual import monotonic, run

ADDRESS = ip_address("2001:db8::1")
A128, CHACHA, SHA1, DHE = (
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
)
ARIA = "TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256"
T13 = ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256")
REFUSAL = Alert(2, 40)
RESET = Failure(kind=FailureKind.RESET)
LYING = Failure(kind=FailureKind.TIMEOUT)


@dataclass
class Server(Hellos):
    """Takes the first of its suites that is offered, or of the offer where it has no order of its own."""

    versions: Mapping[int, tuple[str, ...]]
    ordered: bool = True
    curves: tuple[int, ...] = (29, 23)
    quiet: bool = False  # refuses by a reset, without an alert
    heard: bool = False  # that, once it has acknowledged the hello
    enough: int = 1_000_000  # hellos after which it answers nobody
    lost: frozenset[int] = frozenset()  # numbers of hellos that a limit on connections before it resets
    signs: tuple[int, ...] = (0x0403,)
    compresses: bool = False
    extended: bool = True
    ssl2: bool = False
    tickets: int | None = 0
    resumed: int = 0
    own_curve: int | None = None  # of its certificate
    share_needed: bool = False
    prime: bytes = b"\xff" * 256
    seen: list[HelloOffer] = field(default_factory=list)

    async def say(self, target: HelloTarget, offer: HelloOffer, wait: float | None = None) -> HelloReply:
        self.seen.append(offer)
        if len(self.seen) > self.enough or len(self.seen) in self.lost:
            return HelloReply(Flight(), RESET, heard=self.heard)
        hello = self._hello(offer)
        if hello is None:
            if self.quiet:
                return HelloReply(Flight(), RESET, heard=self.heard)
            alert = Alert(2, 86) if FALLBACK_SCSV in offer.suites else REFUSAL
            return HelloReply(Flight(alert=alert), Failure(kind=FailureKind.TLS_ALERT, detail="handshake_failure"))
        return HelloReply(Flight(hello=hello, key_exchange=self._exchanged(offer, hello), complete=True))

    async def say_ssl2(self, target: HelloTarget, wait: float | None = None) -> Ssl2Hello | Failure:
        return Ssl2Hello(("SSL_CK_RC4_128_WITH_MD5",)) if self.ssl2 else RESET

    async def early_data(self, target: HelloTarget, server_name: str | None) -> int | None:
        self.resumed += 1
        return self.tickets

    def _hello(self, offer: HelloOffer) -> ServerHello | None:
        version = max((code for code in self.versions if code <= offer.version), default=None)
        if version is None or FALLBACK_SCSV in offer.suites:
            return None
        own = [by_name()[name].code for name in self.versions[version]]
        both = [code for code in own if code in offer.suites]
        both = both if self.ordered else [code for code in offer.suites if code in own]
        curve = next((curve for curve in self.curves if curve in offer.groups), None)
        if self.own_curve not in (None, *offer.groups) and version < TLS13:
            return None
        if not both or (self.share_needed and version == TLS13 and not offer.key_shares):
            return None
        if curve is None and (by_code()[both[0]].elliptic or version == TLS13):
            return None
        if not set(self.signs) & set(offer.signatures):
            return None
        extensions = ((RENEGOTIATION_INFO, b"\0"), *(((EXTENDED_MASTER_SECRET, b""),) if self.extended else ()))
        return ServerHello(
            version=version,
            suite=both[0],
            compression=1 if self.compresses and 1 in offer.compressions else 0,
            session_id=b"",
            extensions=extensions if version < TLS13 else (),
            group=curve if version == TLS13 else None,
        )

    def _exchanged(self, offer: HelloOffer, hello: ServerHello) -> KeyExchange | None:
        suite = by_code()[hello.suite]
        signature = next((signature for signature in offer.signatures if signature in self.signs), None)
        if suite.elliptic:
            curve = next(curve for curve in self.curves if curve in offer.groups)
            return KeyExchange(group=curve, signature=signature if hello.version == TLS12 else None)
        return KeyExchange(prime=self.prime, signature=signature) if suite.finite_field else None


async def enumerate_(server: Server, protocol: str = "https", *, serial: bool = False) -> TlsSupport:
    asked = Inquiry(server, HelloTarget(ADDRESS, 443, https), Gates().of(ADDRESS), serial=serial)
    return await Enumeration(asked, "www.example.vn").run(
        TlsSupport(address=ADDRESS, port=443, server_name="www.example.vn", protocol=protocol)
    )


def of(support: TlsSupport, version: str) -> VersionSupport:
    return next(version_support for version_support in support.versions if version_support.version == version)


def accepted(support: TlsSupport) -> dict[str, tuple[str, ...]]:
    return {version.version: version.suites for version in support.versions if version.answer is Answer.ACCEPTED}


async def test_nothing_is_asked_twice() -> None:
    """Hellos behind STARTTLS cost a pause each: the enumeration uses earlier answers instead."""
    server = Server({TLS13: T13, TLS12: (A128, CHACHA, SHA1), TLS10: (SHA1,)})
    await enumerate_(server)
    assert len(set(server.seen)) == len(server.seen)


_SUITES = (*T13, "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256")
_GROUPS = {29: "x25519", 23: "secp256r1", 24: "secp384r1", 30: "x448", 25: "secp521r1"}


@pytest.mark.parametrize("of_groups", range(1, 6))
@pytest.mark.parametrize("of_suites", range(1, 5))
async def test_enumeration_lists_all_suites_and_groups_of_tls13_however_many(of_suites: int, of_groups: int) -> None:
    listed, curves = _SUITES[:of_suites], tuple(_GROUPS)[:of_groups]
    support = await enumerate_(Server({TLS13: listed}, curves=curves))
    assert of(support, "TLSv1.3").suites == listed
    assert of(support, "TLSv1.3").ordered is (None if of_suites == 1 else True)
    assert support.groups == tuple(_GROUPS[curve] for curve in curves)


@pytest.mark.parametrize(("of_suites", "of_groups", "hellos"), [(3, 2, 7), (3, 5, 8)])
async def test_enumeration_of_tls13_asks_on_for_what_is_left(of_suites: int, of_groups: int, hellos: int) -> None:
    """The hellos list suites first, of which most servers have three, and then any number of groups."""
    server = Server({TLS13: _SUITES[:of_suites]}, curves=tuple(_GROUPS)[:of_groups])
    await enumerate_(server)
    assert sum(offer.version == TLS13 for offer in server.seen) == hellos


_EDWARDS = 0x0807


@pytest.mark.parametrize(
    ("versions", "signs", "without"),
    [
        ({TLS13: T13, TLS12: (A128,)}, (0x0403,), None),
        ({TLS13: T13, TLS12: (A128,)}, (_EDWARDS,), False),
        ({TLS13: T13}, (_EDWARDS,), False),
        ({TLS13: T13}, (_EDWARDS, 0x0804), True),
    ],
)
async def test_who_takes_no_eddsa_is_played_where_nothing_else_was_seen(
    versions: Mapping[int, tuple[str, ...]], signs: tuple[int, ...], without: bool | None
) -> None:
    server = Server(versions, signs=signs)
    assert (await enumerate_(server)).without_edwards is without
    asked = [offer for offer in server.seen if _EDWARDS not in offer.signatures and 0x0403 in offer.signatures]
    assert len(asked) == (without is not None)
    assert all(offer.key_shares for offer in asked if offer.version == TLS13)  # else a retry would be the answer


async def test_hashes_that_nobody_takes_cost_one_hello() -> None:
    server = Server({TLS12: (A128,)})
    await enumerate_(server)
    assert sum(set(offer.signatures) <= {*SHA224, *signatures.SHA1, *MD5} for offer in server.seen) == 1


async def test_a_good_server() -> None:
    support = await enumerate_(Server({TLS13: T13, TLS12: (A128, CHACHA)}))
    assert accepted(support) == {"TLSv1.3": T13, "TLSv1.2": (A128, CHACHA)}
    assert all(version.complete for version in support.versions)
    assert of(support, "TLSv1.3").ordered is True
    assert support.groups == ("x25519", "secp256r1")
    assert support.curves == ("x25519",)  # the other one is known of TLS 1.3
    assert support.signatures == ("ecdsa_sha256",)
    assert support.weak_signatures == ()
    assert (support.compression, support.heartbeat, support.fallback_scsv) == (False, False, True)
    assert support.extended_master_secret is True
    assert support.secure_renegotiation is True
    assert support.early_data == 0
    assert support.stopped is Stopped.NO
    assert support.failure is None
    assert support.hellos < 25


@pytest.mark.parametrize(("protocol", "times"), [("https", 1), ("smtp", 0), ("imap", 0), ("pop3", 0), ("imaps", 0)])
async def test_early_data_is_sent_to_no_mail_host(protocol: str, times: int) -> None:
    """Their sessions have broken of it (trap L5)."""
    server = Server({TLS13: T13, TLS12: (A128,)})
    support = await enumerate_(server, protocol)
    assert server.resumed == times
    assert (support.early_data is None) is (times == 0)


async def test_primes_are_not_those_of_anonymous_suites() -> None:
    """Postfix takes such suites, and OpenSSL 1024 bits for them beside 2048 for others."""
    anonymous = "TLS_DH_anon_WITH_AES_128_GCM_SHA256"
    support = await enumerate_(Server({TLS12: (A128, anonymous)}), "smtp")
    assert accepted(support) == {"TLSv1.2": (A128, anonymous)}
    assert support.primes == ()


async def test_an_old_server() -> None:
    server = Server(
        {TLS12: (SHA1, ARIA, DHE), TLS11: (SHA1,), TLS10: (SHA1,), SSL3: (SHA1,)},
        signs=(0x0203,),
        compresses=True,
        extended=False,
        ssl2=True,
    )
    support = await enumerate_(server)
    assert accepted(support) == {
        "TLSv1.2": (SHA1, ARIA, DHE),
        "TLSv1.1": (SHA1,),
        "TLSv1.0": (SHA1,),
        "SSLv3": (SHA1,),
        "SSLv2": ("SSL_CK_RC4_128_WITH_MD5",),
    }
    assert support.signatures == support.weak_signatures == ("ecdsa_sha1",)
    assert support.primes == (b"\xff" * 256,)
    assert support.compression is True
    assert support.extended_master_secret is False


async def test_a_server_without_an_order_of_its_own() -> None:
    support = await enumerate_(Server({TLS12: (SHA1, A128, CHACHA)}, ordered=False))
    assert set(of(support, "TLSv1.2").suites) == {A128, CHACHA, SHA1}
    assert of(support, "TLSv1.2").ordered is False


async def test_one_suite_has_no_order() -> None:
    support = await enumerate_(Server({TLS12: (A128,)}))
    assert of(support, "TLSv1.2").ordered is None


async def test_silence_is_a_refusal_while_the_control_is_answered() -> None:
    support = await enumerate_(Server({TLS12: (A128, SHA1)}, quiet=True))
    assert accepted(support) == {"TLSv1.2": (A128, SHA1)}
    assert of(support, "TLSv1.0").answer is Answer.REFUSED
    assert of(support, "TLSv1.0").failure == RESET
    assert support.stopped is Stopped.NO


_HUNG_UP = {TLS13: T13, TLS12: (A128, CHACHA, SHA1)}


async def test_server_that_hangs_up_is_not_asked_for_a_control_behind_each_refusal() -> None:
    server = Server(_HUNG_UP, quiet=True, heard=True)
    support = await enumerate_(server, serial=True)
    assert accepted(support) == {"TLSv1.3": T13, "TLSv1.2": (A128, CHACHA, SHA1)}
    assert all(version.complete for version in support.versions)
    controls = server.seen.count(server.seen[0]) - 1
    refused = sum(server._hello(offer) is None for offer in server.seen)
    assert (controls, refused) == (8, 15)


@pytest.mark.parametrize("serial", [False, True])
@pytest.mark.parametrize("enough", range(2, 50))
async def test_list_of_a_server_that_hangs_up_is_whole_wherever_it_is_called_complete(
    monkeypatch: pytest.MonkeyPatch, enough: int, serial: bool
) -> None:
    """The server closes the connection at hellos that it refuses and, from some hello on, at all of them."""
    monkeypatch.setattr(scan_gate, "_PAUSES", (0.0,))
    has = {TLS13: T13, TLS12: (A128, CHACHA, SHA1, ARIA)}
    support = await enumerate_(Server(has, quiet=True, heard=True, enough=enough), serial=serial)
    whole = await enumerate_(Server(has, quiet=True, heard=True))
    listed = [version for version in support.versions if version.complete and version.version != "SSLv2"]
    assert listed == [version for version in whole.versions if version in listed]
    assert support.stopped is Stopped.RATE or len(listed) == 5


@pytest.mark.parametrize("heard", [False, True])
@pytest.mark.parametrize("first", range(2, 45))
async def test_list_behind_a_limit_on_connections_is_whole_or_said_to_be_cut(
    monkeypatch: pytest.MonkeyPatch, first: int, heard: bool
) -> None:
    """The limit resets a question and the control behind it, lets the control in again, and then resets once more."""
    monkeypatch.setattr(scan_gate, "_PAUSES", (0.0,))
    has = {TLS13: T13, TLS12: (A128, CHACHA, SHA1, ARIA)}
    lost = frozenset({first, first + 1, first + 3})
    support = await enumerate_(Server(has, heard=heard, lost=lost), serial=True)
    assert support.stopped is Stopped.RATE or accepted(support) == {"TLSv1.3": has[TLS13], "TLSv1.2": has[TLS12]}
    assert Answer.REFUSED not in (of(support, "TLSv1.3").answer, of(support, "TLSv1.2").answer)


async def test_a_limit_that_hides_nothing_leaves_the_list_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lost hellos were repeated and answered."""
    monkeypatch.setattr(scan_gate, "_PAUSES", (0.0,))
    has = {TLS12: (A128, SHA1)}
    support = await enumerate_(Server(has, lost=frozenset({7, 8})), serial=True)
    assert (support.stopped, accepted(support)) == (Stopped.NO, {"TLSv1.2": (A128, SHA1)})


async def test_a_server_that_has_had_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_gate, "_PAUSES", (0.0,))
    server = Server({TLS12: (A128, CHACHA, SHA1, DHE)}, enough=8)
    support = await enumerate_(server)
    assert support.stopped is Stopped.RATE
    assert of(support, "TLSv1.2").answer is Answer.ACCEPTED
    assert not of(support, "TLSv1.2").complete
    assert support.failure is None
    assert len(server.seen) < 30


async def test_a_bound_on_hellos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_gate, "HELLOS", 9)
    support = await enumerate_(Server({TLS12: (A128, CHACHA, SHA1, DHE)}))
    assert (support.stopped, support.hellos) == (Stopped.COUNT, 9)


async def test_a_server_that_needs_a_key_share() -> None:
    support = await enumerate_(Server({TLS13: T13}, share_needed=True, curves=(29,)))
    assert accepted(support) == {"TLSv1.3": T13}
    assert support.groups == ("x25519",)


@pytest.mark.parametrize("serial", [False, True])
async def test_a_certificate_whose_curve_must_be_offered_hides_no_other(serial: bool) -> None:
    both = {TLS12: (A128, SHA1)}
    support = await enumerate_(Server(both, curves=(29, 21, 23), own_curve=23), serial=serial)
    assert support.curves == ("x25519", "secp224r1", "secp256r1")
    support = await enumerate_(Server(both, curves=(23, 29), own_curve=23), serial=serial)
    assert support.curves == ("secp256r1",)  # what it likes less cannot be seen


class FirstCurve(Server):
    """Takes the first curve that is offered, as OpenSSL does."""

    async def say(self, target: HelloTarget, offer: HelloOffer, wait: float | None = None) -> HelloReply:
        self.curves = tuple(sorted(self.curves, key=[*offer.groups, *self.curves].index))
        return await super().say(target, offer, wait)


@pytest.mark.parametrize("curves", [(29, 23), (29, 23, 24), (29, 23, 21, 19)])
@pytest.mark.parametrize("kind", [Server, FirstCurve])
async def test_one_after_another_the_question_about_the_order_asks_for_curves_too(
    kind: type[Server], curves: tuple[int, ...]
) -> None:
    """The serial run lists as much as the parallel one, with one hello less if the extra curves show nothing new."""
    versions = {TLS13: T13, TLS12: (A128, SHA1)}
    apart = await enumerate_(kind(versions, curves=curves, own_curve=23))
    serial = await enumerate_(kind(versions, curves=curves, own_curve=23), serial=True)
    assert {*serial.groups, *serial.curves} == {*apart.groups, *apart.curves}
    assert of(serial, "TLSv1.2") == of(apart, "TLSv1.2")
    assert serial.hellos == apart.hellos - (0 if kind is FirstCurve and 21 in curves else 1)


class Silent(Server):
    """Says nothing to a client that says it fell back."""

    async def say(self, target: HelloTarget, offer: HelloOffer, wait: float | None = None) -> HelloReply:
        return HelloReply(Flight(), RESET) if FALLBACK_SCSV in offer.suites else await super().say(target, offer, wait)


async def test_silence_says_nothing_of_fallback() -> None:
    assert (await enumerate_(Silent({TLS13: T13, TLS12: (A128,)}))).fallback_scsv is None


async def test_no_tls_at_all() -> None:
    support = await enumerate_(Server({}, quiet=True))
    assert accepted(support) == {}
    assert support.failure == RESET
    assert support.hellos < 15


class Mute(Server):
    """Lets every hello lie for eight seconds, but those of an old version that it has."""

    async def say(self, target: HelloTarget, offer: HelloOffer, wait: float | None = None) -> HelloReply:
        reply = await super().say(target, offer, wait)
        if reply.hello is not None:
            return reply
        await asyncio.sleep(8.0)
        return HelloReply(Flight(), LYING, seconds=8.0, heard=True)

    async def say_ssl2(self, target: HelloTarget, wait: float | None = None) -> Ssl2Hello | Failure:
        await asyncio.sleep(0.0 if self.ssl2 else 8.0)
        return await super().say_ssl2(target, wait) if self.ssl2 else LYING


def test_a_port_that_lets_all_hellos_lie_costs_two_waits() -> None:
    async def main() -> float:
        support = await enumerate_(Mute({}))
        assert accepted(support) == {}
        assert (support.failure, support.stopped) == (LYING, Stopped.NO)
        return monotonic()

    assert run(main()) == 16.0


def test_ssl_2_alone_is_found_where_all_else_is_left_lying() -> None:
    support = run(enumerate_(Mute({}, ssl2=True)))
    assert accepted(support) == {"SSLv2": ("SSL_CK_RC4_128_WITH_MD5",)}


async def test_of_two_enumerations_of_one_address_both_pass_one_gate() -> None:
    gates = Gates()
    gate = gates.of(ADDRESS)
    assert gates.of(ip_address("2001:db8::1")) is gate
    assert gates.of(ip_address("2001:db8::2")) is not gate


def _lists_one(offer: HelloOffer, versions: Container[int]) -> bool:
    return any(version in versions for version in (offer.version, *offer.older))


class Denying(Server):
    """Says that it does not have a version where it has none that is as old."""

    async def say(self, target: HelloTarget, offer: HelloOffer, wait: float | None = None) -> HelloReply:
        reply = await super().say(target, offer, wait)
        if min(self.versions) <= offer.version and (not offer.older or _lists_one(offer, self.versions)):
            return reply
        return HelloReply(Flight(alert=Alert(2, 70)), Failure(kind=FailureKind.TLS_ALERT, detail="protocol_version"))


class DenyingEachMissing(Server):
    """Says that it does not have a version also where it has an older one that is not listed, as GnuTLS does."""

    async def say(self, target: HelloTarget, offer: HelloOffer, wait: float | None = None) -> HelloReply:
        reply = await super().say(target, offer, wait)
        if _lists_one(offer, self.versions):
            return reply
        return HelloReply(Flight(alert=Alert(2, 70)), Failure(kind=FailureKind.TLS_ALERT, detail="protocol_version"))


async def _behind_starttls(server: Server, *, is_hurried: bool) -> TlsSupport:
    asked = Inquiry(server, HelloTarget(ADDRESS, 25, https), Gates().of(ADDRESS), serial=True)
    blank = TlsSupport(address=ADDRESS, port=25, server_name="mx.example.vn", protocol="smtp")
    return await Enumeration(asked, "mx.example.vn", is_hurried=is_hurried).run(blank)


async def test_tls_10_is_found_in_a_hurry_behind_a_server_that_denies_tls_11() -> None:
    support = await _behind_starttls(DenyingEachMissing({TLS12: (A128,), TLS10: (SHA1,)}), is_hurried=True)
    assert set(accepted(support)) == {"TLSv1.2", "TLSv1.0"}


async def test_ssl_3_is_not_asked_for_in_a_hurry_where_tls_10_is_denied() -> None:
    versions = {TLS12: (A128, CHACHA)}
    thorough, brief = Denying(versions), Denying(versions)
    support = await _behind_starttls(thorough, is_hurried=False)
    hurried = await _behind_starttls(brief, is_hurried=True)
    assert replace(hurried, hellos=support.hellos, fallback_scsv=support.fallback_scsv) == support
    assert {offer.version for offer in brief.seen} == {TLS13, TLS12, TLS11, TLS10}
    assert {offer.version for offer in thorough.seen} == {TLS13, TLS12, TLS11, TLS10, SSL3}


async def test_all_old_versions_are_asked_for_at_once_in_a_hurry_behind_a_server_that_has_tls_13() -> None:
    versions = {TLS13: T13, TLS12: (A128, CHACHA)}
    thorough, brief = Denying(versions), Denying(versions)
    support = await _behind_starttls(thorough, is_hurried=False)
    hurried = await _behind_starttls(brief, is_hurried=True)
    of_ssl2 = hurried.versions[-1]
    assert (of_ssl2.version, of_ssl2.answer, of_ssl2.complete) == ("SSLv2", Answer.REFUSED, True)
    assert hurried.versions[1:-1] == support.versions[1:-1]
    assert [(offer.version, offer.older) for offer in brief.seen if offer.version < TLS12] == [(TLS11, (TLS10, SSL3))]
    assert support.hellos - hurried.hellos == 5  # TLS 1.0, SSL 3.0, SSL 2.0, fallback, the order of TLS 1.3


@pytest.mark.parametrize(
    ("kind", "old"),
    [
        *((Denying, version) for version in (TLS11, TLS10, SSL3)),
        *((DenyingEachMissing, version) for version in (TLS11, TLS10)),
    ],
)
async def test_an_old_version_is_found_in_a_hurry_beside_tls_13(kind: type[Server], old: int) -> None:
    hurried = await _behind_starttls(kind({TLS13: T13, TLS12: (A128,), old: (SHA1,)}), is_hurried=True)
    assert len(accepted(hurried)) == 3


@pytest.mark.parametrize("old", [TLS10, SSL3], ids=["TLS 1.0", "SSL 3.0"])
async def test_an_old_version_is_found_in_a_hurry_beside_one_that_is_missing(old: int) -> None:
    hurried = await _behind_starttls(Denying({TLS12: (A128,), old: (SHA1,)}), is_hurried=True)
    support = await _behind_starttls(Denying({TLS12: (A128,), old: (SHA1,)}), is_hurried=False)
    assert replace(hurried, hellos=support.hellos, fallback_scsv=support.fallback_scsv) == support
    assert len(accepted(hurried)) == 2


async def test_finite_fields_of_tls_13_are_not_listed_in_a_hurry() -> None:
    curves = (29, 256, 257, 23)
    thorough, brief = Server({TLS13: T13}, curves=curves), Server({TLS13: T13}, curves=curves)
    support = await _behind_starttls(thorough, is_hurried=False)
    hurried = await _behind_starttls(brief, is_hurried=True)
    assert support.groups == ("x25519", "ffdhe2048", "ffdhe3072", "secp256r1")
    assert hurried.groups == ("x25519", "secp256r1")
    assert len(accepted(hurried)["TLSv1.3"]) == len(T13)


async def test_what_decides_nothing_is_not_asked_in_a_hurry() -> None:
    thorough, brief = Server({TLS13: T13, TLS12: (A128,)}), Server({TLS13: T13, TLS12: (A128,)})
    support = await _behind_starttls(thorough, is_hurried=False)
    hurried = await _behind_starttls(brief, is_hurried=True)
    assert (support.fallback_scsv, hurried.fallback_scsv) == (True, None)
    assert (of(support, "TLSv1.3").ordered, of(hurried, "TLSv1.3").ordered) == (True, None)
    assert any(FALLBACK_SCSV in offer.suites for offer in thorough.seen)
    assert not any(FALLBACK_SCSV in offer.suites for offer in brief.seen)


async def test_features_are_shown_by_the_question_about_the_order() -> None:
    server = Server({TLS12: (A128, SHA1)}, compresses=True)
    support = await enumerate_(server)
    assert (support.compression, support.heartbeat, support.session_tickets) == (True, False, False)
    assert of(support, "TLSv1.2").ordered is True
    (featured,) = [offer for offer in server.seen if offer.session_ticket]
    assert [by_code()[code].name for code in featured.suites] == [SHA1, A128]


class Choosy(Server):
    """Takes no hello that asks for tickets."""

    def _hello(self, offer: HelloOffer) -> ServerHello | None:
        return None if offer.session_ticket else super()._hello(offer)


async def test_the_order_is_found_where_features_are_not_taken_together() -> None:
    support = await enumerate_(Choosy({TLS12: (A128, SHA1)}))
    assert of(support, "TLSv1.2").ordered is True
    assert (support.compression, support.heartbeat, support.session_tickets) == (False, False, None)
