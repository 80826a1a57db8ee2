"""Looks up the policies that keep mail to a domain from being sent unencrypted: TLSA, MTA-STS, TLS reports."""

from dataclasses import replace
from ipaddress import ip_address

from inventory.model import Clearance, Endpoint
from probes.framework.expand import mx_names
from probes.framework.recorder import Recorder
from probes.framework.registry import name_probe
from probes.framework.tasks import NameTask
from probes.net.api import Net
from probes.net.core.rules import port_of
from probes.net.http.fetcher import open_fetcher
from probes.net.tls.services import TlsServices
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.dnssec import SecondOpinion, ZoneAnswer
from probes.observations.mail import MX_ALIAS, PolicyFetch
from probes.observations.web import BODY_KEPT
from probes.wire.mail.mta_sts import announced

ADDRESSES_PER_FAMILY = 2
PATH = "/.well-known/mta-sts.txt"
_BELOW = "_25._tcp."


@name_probe(
    version=4,
    title="TLSA, MTA-STS and TLS reporting",
    records=(PolicyFetch,),
    on_the_way=(ZoneAnswer, SecondOpinion),
    services=frozenset({"https"}),
    clearance=Clearance.NORMAL,
    deadline=120.0,
)
async def mail_transport(task: NameTask, net: Net, rec: Recorder) -> None:
    """Look up the records, and fetch the policy only where it is announced, over IPv4 and IPv6 (RFC 8461 §3.3)."""
    if "mail" not in task.roles:
        return
    listed, policy, _ = await net.names.lookup_many(
        rec,
        [
            (task.name, "MX", "mx"),
            (f"_mta-sts.{task.name}", "TXT", "mta-sts"),
            (f"_smtp._tls.{task.name}", "TXT", "tls-rpt"),
        ],
    )
    await _look_up_tlsa(listed, net, rec)
    if announced(policy.records):
        await _fetch(f"mta-sts.{task.name}", net, rec)


async def _look_up_tlsa(listed: NameLookup, net: Net, rec: Recorder) -> None:
    """Look up the TLSA records of each exchanger and, where it is an alias, of its target.

    Those of the target count first (RFC 7672 §2.2.2): no alias leads on from ``_25._tcp`` below it. Signatures are
    fetched only where there are records, and those of the addresses where no server answers: senders ask for TLSA where
    the addresses are signed.
    """
    names = mx_names([listed]) or _own_exchanger(listed)
    looks = await net.names.lookup_many(
        rec, [(f"{_BELOW}{name}", "TLSA", "tlsa") for name in names] + [(name, "TLSA", MX_ALIAS) for name in names]
    )
    aliases = [look for look in looks if look.role == MX_ALIAS and look.chain]
    ends = dict.fromkeys(f"{_BELOW}{alias.chain[-1]}" for alias in aliases)
    expanded = await net.names.lookup_many(rec, [(end, "TLSA", "tlsa") for end in ends])
    held = [look for look in (*looks, *expanded) if look.role == "tlsa" and look.records]
    for look in (listed, *held) if held else ():
        await _vouched(look, net, rec)
    failing = [look.name.removeprefix(_BELOW) for look in looks if look.role == "tlsa" and _failed(look)]
    for name, rtype in ((name, rtype) for name in failing for rtype in ("A", "AAAA")):
        await net.names.signed(rec, await net.names.signed_path(rec, name), name, rtype)
    served = {look.name for look in held}
    for alias in aliases:
        if f"{_BELOW}{alias.chain[-1]}" in served:
            for name in (alias.name, *alias.chain[:-1]):
                await net.names.signed(rec, await net.names.signed_path(rec, name), name, "CNAME")


def _failed(look: NameLookup) -> bool:
    return look.status is LookupStatus.NO_ANSWER


def _own_exchanger(listed: NameLookup) -> tuple[str, ...]:
    """Return a domain without MX, as it may be its own exchanger (RFC 5321 §5.1)."""
    empty = listed.status in (LookupStatus.NO_DATA, LookupStatus.NO_SUCH_NAME)
    return (listed.name,) if empty else ()


async def _vouched(look: NameLookup, net: Net, rec: Recorder) -> None:
    """Repeat the look-up with its signatures, along its CNAMEs: TLSA counts only where they hold (RFC 7672 §2.1)."""
    for name in (look.name, *look.chain):
        await net.names.signed(rec, await net.names.signed_path(rec, name), name, look.rtype)
    await net.names.second_opinion(rec, look.name, look.rtype)


async def _fetch(host: str, net: Net, rec: Recorder) -> None:
    looks: tuple[NameLookup, ...] = await net.names.lookup_many(
        rec, [(host, "A", "mta-sts-host"), (host, "AAAA", "mta-sts-host")]
    )
    for look in looks:
        for text in look.records[:ADDRESSES_PER_FAMILY]:
            await fetch_policy(
                net, rec, Endpoint(address=ip_address(text), port=443, name=host), f"https://{host}{PATH}"
            )


async def fetch_policy(net: Net, rec: Recorder, endpoint: Endpoint, url: str) -> PolicyFetch:
    """Return a GET and the certificates of its connection; redirects are not followed (RFC 8461 §3.3)."""
    fetcher, handshaker = net.shared(open_fetcher), net.shared(TlsServices).handshaker
    blank = PolicyFetch(address=endpoint.address, port=port_of(endpoint), url=url)

    async def get() -> PolicyFetch:
        async with fetcher.slots.slot() as place:
            session = await handshaker.open(endpoint.address, blank.port, endpoint.name, place=place)
            got = await fetcher.over(session, endpoint, url, BODY_KEPT, place=place)
        return replace(
            blank,
            chain=session.agreed.chain,
            status=got.status,
            content_type=next((value for name, value in got.headers if name.lower() == "content-type"), ""),
            body=got.body,
            truncated=got.truncated,
            failure=got.failure,
        )

    return await net.step(rec, endpoint.address, blank, get)
