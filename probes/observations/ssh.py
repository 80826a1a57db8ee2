"""Defines observations of an SSH server, read before any log-in."""

from collections.abc import Iterator
from dataclasses import dataclass

from probes.framework.evidence import observation
from probes.observations.places import TcpStep
from probes.observations.text import Word, end, label, listed, octets, short


@observation("ssh-exchange", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SshExchange(TcpStep):
    """Records the plain-text beginning of SSH (RFC 4253 §4.2, §7, §8), as far as it came.

    ``banner`` is the identification line; ``kexinit`` the payload of the server's SSH_MSG_KEXINIT, None if none came;
    ``host_key`` the public key blob that the server sent in its key exchange reply (an RSA key where it has one).
    """

    banner: str = ""
    kexinit: bytes | None = None
    host_key: bytes | None = None

    def lines(self, word: Word) -> Iterator[str]:
        yield f"ssh {self.where_text()} → {end(self, short(self.banner) or word('no identification'), word)}"
        yield f"  kexinit    {octets(self.kexinit, word)}"
        yield label(word, "host key") + octets(self.host_key, word)


NOTHING_IN_COMMON = "no algorithm in common"
"""The detail of the failure where the server has no algorithm of a kind that we can use."""


@observation("ssh-auth-methods", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SshAuthMethods(TcpStep):
    """Records the answer of a server to one ``none`` request (RFC 4252 §5.2): the methods that may continue.

    ``accepted`` True: it let us in without anything, and the connection was closed at once.
    """

    user: str
    methods: tuple[str, ...] = ()
    accepted: bool = False

    def lines(self, word: Word) -> Iterator[str]:
        offered = listed(self.methods) or word("no method")
        offered = word("let in without anything") if self.accepted else offered
        ended = end(self, offered, word)
        yield word("ssh login methods {} user {} → {}").format(self.where_text(), self.user, ended)
