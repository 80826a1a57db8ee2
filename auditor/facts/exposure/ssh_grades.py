"""How good an SSH server's algorithms are (CHECKS security.ssh.algorithms; RFC 9142, RFC 8332, RFC 8758)."""

from collections.abc import Iterator
from dataclasses import dataclass

from probes.wire.ssh import HostKey, Offer

_KEX_BROKEN = frozenset({"diffie-hellman-group1-sha1", "rsa1024-sha1"})
_KEX_OLD = frozenset({"diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1"})
_CIPHERS_BROKEN = ("arcfour", "des-", "3des", "none", "blowfish", "cast128")
_STRONG = ("aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-gcm", "aes256-gcm", "chacha20-poly1305", "AEAD_AES_")
_STRICT = frozenset({"kex-strict-s-v00@openssh.com", "kex-strict-s"})
_MARKERS = ("ext-info-", "kex-strict-")
SMALLEST_KEY = 2048
RECOMMENDED_KEY = 3072


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """What is wrong, named by the algorithm or the trait."""

    broken: tuple[str, ...]
    old: tuple[str, ...]


def grade(offer: Offer, key: HostKey | None) -> Grades:
    """``broken`` must go, ``old`` should."""
    return Grades(broken=tuple(dict.fromkeys(_broken(offer, key))), old=tuple(dict.fromkeys(_old(offer, key))))


def _broken(offer: Offer, key: HostKey | None) -> Iterator[str]:
    yield from (name for name in offer.kex if name in _KEX_BROKEN)
    yield from (name for name in offer.host_keys if name == "ssh-dss")
    ciphers = _ciphers(offer)
    if ciphers and not any(_is_strong(name) or ("cbc" in name and not _is_broken(name)) for name in ciphers):
        yield from ciphers
    else:
        yield from (name for name in ciphers if name.startswith("arcfour") or name in ("des-cbc", "none"))
    if key is not None and key.bits is not None and key.bits < SMALLEST_KEY:
        yield f"{key.type} {key.bits}"


def _old(offer: Offer, key: HostKey | None) -> Iterator[str]:
    yield from (name for name in offer.kex if name in _KEX_OLD)
    yield from (name for name in offer.host_keys if name in ("ssh-rsa", "ssh-rsa-cert-v01@openssh.com"))
    yield from (name for name in _ciphers(offer) if "cbc" in name)
    yield from (name for name in _macs(offer) if "sha1" in name or "md5" in name)
    if _open_to_terrapin(offer):
        yield "CVE-2023-48795 (Terrapin)"
    if key is not None and key.bits is not None and SMALLEST_KEY <= key.bits < RECOMMENDED_KEY:
        yield f"{key.type} {key.bits}"


def _open_to_terrapin(offer: Offer) -> bool:
    """No strict key exchange beside ChaCha20-Poly1305 or CBC with encrypt-then-MAC."""
    if _STRICT & set(offer.kex):
        return False
    ciphers, macs = _ciphers(offer), _macs(offer)
    cbc = any("cbc" in name for name in ciphers) and any("-etm@" in name for name in macs)
    return cbc or any(name.startswith("chacha20-poly1305") for name in ciphers)


def _ciphers(offer: Offer) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*offer.ciphers[0], *offer.ciphers[1])))


def _macs(offer: Offer) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*offer.macs[0], *offer.macs[1])))


def _is_strong(name: str) -> bool:
    return name.startswith(_STRONG)


def _is_broken(name: str) -> bool:
    return name.startswith(_CIPHERS_BROKEN)


def shown(offer: Offer) -> tuple[str, ...]:
    """The key exchanges for a person to read, without the markers that are none."""
    return tuple(name for name in offer.kex if not name.startswith(_MARKERS))
