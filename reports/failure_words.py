"""Lists the program's own descriptions of failures, as probes record them, for translation in lines of evidence.

Text of a target and names of errors and codes have no entry and are shown unchanged. In the catalogues under
``evidence/<text>``, beside the words of ``evidence_words``. Data only.
"""

from collections.abc import Mapping

_DETAILS = (
    "FTP: a line that is too long",
    "FTP: a reply without end",
    "LDAP: StartTLS was refused",
    "NXDOMAIN without SOA",
    "a URL that cannot be asked for",
    "a line before TLS without an end",
    "an LDAP answer before TLS without an end",
    "an answer that is not QUIC",
    "an answer to another question",
    "an answer without objects",
    "an empty answer without SOA",
    "an engine id that no key fits",
    "an error for an answer",
    "another engine answered",
    "answered without sysObjectID and sysUpTime",
    "cancelled",
    "closed before the end of the answer",
    "closed during TLS",
    "closed in the middle of HTTP/2",
    "closed without an answer",
    "denied with the SOA of another zone",
    "full segments did not pass",
    "neither the packet nor an answer in time",
    "no HTTP answer",
    "no LDAP answer",
    "no SNMP profile",
    "no answer to the connect in time",
    "no certificate",
    "no echo reply",
    "no end of the lines before TLS",
    "no head of an HTTP answer",
    "no name server has an address of this family",
    "no name server with an address that can be asked",
    "no resolver to ask",
    "no socket to be had",
    "not all of it came in time",
    "not authoritative",
    "nothing is delegated from the root for this name",
    "objects out of order",
    "refers back or aside",
    "the body was broken off",
    "the crafted-packet program did not answer in time",
    "the crafted-packet program has ended",
    "the receiver does not answer",
    "too large for our own link",
    "truncated over TCP",
    "unreadable answer",
    "what was sent under our own address did not arrive",
)

FAILURE_WORDS: Mapping[str, str] = {text: text for text in _DETAILS}
