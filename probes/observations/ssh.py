"""Facts about an SSH server, read before anybody logs in."""

from dataclasses import dataclass

from probes.framework.evidence import observation
from probes.observations.places import TcpStep


@observation("ssh-exchange", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SshExchange(TcpStep):
    """The plain-text beginning of SSH (RFC 4253 §4.2, §7, §8), as far as it came.

    ``banner`` is the identification line; ``kexinit`` the payload of the server's SSH_MSG_KEXINIT, None if none came;
    ``host_key`` the public key blob that the server sent in its key exchange reply (an RSA key where it has one).
    """

    banner: str = ""
    kexinit: bytes | None = None
    host_key: bytes | None = None


@observation("ssh-auth-methods", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SshAuthMethods(TcpStep):
    """What the server answered to one ``none`` request (RFC 4252 §5.2): the methods that may continue.

    ``accepted`` True: it let us in without anything, and the connection was closed at once.
    """

    user: str
    methods: tuple[str, ...] = ()
    accepted: bool = False
