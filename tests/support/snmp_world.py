"""Makes a Net over loopback with given profiles for SNMP tests, and returns the results of requests."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from ipaddress import ip_address, ip_network

from inventory.model import Endpoint
from inventory.scope import Scope
from probes.framework.limits import Limits
from probes.framework.profile import QUICK, Pace
from probes.framework.recorder import Recorder
from probes.net.dns.hints import shipped_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.net.snmp.profiles import Secret, SnmpProfile, SnmpSetting

ENGINES = ("gufo", "pysnmp")
_FAST = Pace(packets_per_second=1e6, per_address_per_second=1e5, per_prefix_per_second=1e5)


def community(name: str, text: str | None = None, version: str = "2c") -> SnmpProfile:
    return SnmpProfile(name=name, version=version, community=Secret(text or name))


def settings(engine: str, *profiles: SnmpProfile) -> SnmpSetting:
    return SnmpSetting(engine=engine, profiles={profile.name: profile for profile in profiles})


@asynccontextmanager
async def net_with(snmp: SnmpSetting, *, allow: bool = True, wait: float = 0.3) -> AsyncIterator[KernelNet]:
    """Yield a Net that may ask loopback and link-local addresses if ``allow`` is set."""
    loopback = tuple(ip_network(text) for text in ("127.0.0.0/8", "::1/128", "fe80::/10"))
    setting = Setting(
        scope=Scope(allow=loopback if allow else None),
        limits=Limits(_FAST, clock=time.monotonic),
        timing=QUICK.bounded(wait),
        names=Source(hints=shipped_hints()),
        snmp=snmp,
        strict=True,
    )
    async with KernelNet(setting) as net:
        yield net


def recorder() -> Recorder:
    return Recorder(time.monotonic)


def at(port: int, address: str = "127.0.0.1") -> Endpoint:
    return Endpoint(address=ip_address(address), port=port)


def names(setting: SnmpSetting) -> tuple[str, ...]:
    found: Mapping[str, SnmpProfile] = setting.profiles
    return tuple(found)
