"""Lists the kinds of access that the SNMP agents of the rehearsal's devices grant."""

from enum import Enum


class AgentAccess(Enum):
    """Lists the further users that an SNMP agent admits, beside the auditor's user with all security."""

    GOOD = "nobody"
    OLD_USER = "a user with MD5 and DES"
    WITHOUT_PRIVACY = "the same user without privacy"
    WRITABLE = "the same user may write"
    PUBLIC = "the community public"
    OTHERS = "other users alone: the auditor's is unknown, but whoever asks is answered"
    CLOSED = "nobody at all: the agent listens on the device itself alone"
