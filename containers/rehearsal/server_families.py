"""Lists how name servers treat each address family."""

from enum import Enum


class ServerV6(Enum):
    """The behaviour of a name server over IPv6."""

    ANSWERS = "answers"
    NONE = "no AAAA"
    SILENT = "AAAA, but port 53 is filtered"
    NO_TCP = "AAAA, but TCP port 53 is filtered"
    LARGE_LOST = "AAAA, but UDP answers of more than 212 bytes are dropped on their way"
    AAAA_DROPPED = "AAAA, but questions for AAAA are dropped on their way"
    LAME = "AAAA of a server that does not have the zone"
    SHARED = "the same AAAA as the zone's first server"
    MAPPED = "the only AAAA is IPv4-mapped"
    LINK_LOCAL = "the only AAAA is link-local"


class ServerV4(Enum):
    """The behaviour of a name server over IPv4."""

    ANSWERS = "answers"
    LAME = "A of a server that does not have the zone"
    OLD_GLUE = "answers, but the parent has an older address, of a server that no longer has the zone"
