"""SNMP facts: which credentials a device took, and the objects it gave, as they came."""

from dataclasses import dataclass

from inventory.model import IPAddress
from probes.framework.evidence import Failure, Observation, observation


@dataclass(frozen=True, slots=True)
class Varbind:
    """One object as an agent gave it: ``type`` is one of ``int``, ``octets``, ``oid``, ``ip``, ``null``, ``cut``.

    ``value`` is text: a decimal number, hexadecimal octets, a dotted OID or address. ``cut`` are the first octets of a
    value that was too long to keep. A dotted value of four numbers up to 255 counts as ``ip``.
    """

    oid: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class SnmpAttempt:
    """One credential profile tried, by its name; ``rejected``: the device said that it does not accept it (v3)."""

    profile: str
    version: str
    rejected: bool = False
    failure: Failure | None = None


@observation("snmp-session", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpSession(Observation):
    """The profiles tried at one address, in order, up to the one that worked: it gave sysUpTime or sysObjectID.

    ``profile`` None: none did, and ``failure`` is the last one's; without ``attempts`` there was no profile to try.
    ``engine_id`` is the device's own (RFC 3411 §5), from version 3 alone; ``engine`` is the library that asked.
    """

    address: IPAddress
    port: int
    engine: str = ""
    attempts: tuple[SnmpAttempt, ...] = ()
    profile: str | None = None
    version: str | None = None
    engine_id: bytes | None = None


@observation("snmp-get", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpGet(Observation):
    """Single objects asked by name; those that the device does not have are missing in ``rows``."""

    address: IPAddress
    port: int
    profile: str
    oids: tuple[str, ...]
    rows: tuple[Varbind, ...] = ()


@observation("snmp-walk", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpWalk(Observation):
    """All objects below ``root``, in the order in which they came.

    ``stopped`` says why a walk ended before its end: ``rows``, ``bytes``, ``seconds`` (our bounds), ``repeats`` (the
    agent gave an object twice) or ``failure``; None means that there is no more below ``root``.
    """

    address: IPAddress
    port: int
    profile: str
    root: str
    rows: tuple[Varbind, ...] = ()
    stopped: str | None = None
