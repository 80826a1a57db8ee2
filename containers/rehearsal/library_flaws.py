"""Lists the flaws of TLS libraries that portals of the rehearsal have."""

from enum import Enum


class LibraryFlaw(Enum):
    """A flaw of old TLS libraries, played by a scripted peer in front of the web server."""

    HEARTBLEED = "answers heartbeats with as much as they claim to be (CVE-2014-0160)"
    EARLY_CCS = "takes a ChangeCipherSpec before there is a key (CVE-2014-0224)"
