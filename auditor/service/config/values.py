"""Checks single values of the configuration. A secret must be a reference, never the secret itself."""

import re
from ipaddress import ip_address, ip_network
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from auditor.service.config import times
from inventory.addresses import parse_endpoint
from inventory.model import Endpoint, Network
from inventory.user_networks import PREFIX as LAN

PLAIN_SECRET = "plain_secret"  # noqa: S105  # the name of an error
"""Type of the error about a secret in plain text; its input must not be shown."""
NOT_A_PREFIX, NOT_AN_ADDRESS, NOT_A_HOST_NAME = "not_a_prefix", "not_an_address", "not_a_host_name"
HOST_BITS = "host_bits"
NOT_STRANGERS = "not_strangers"
NOT_HOURS = "not_hours"
NOT_HTTPS = "not_https"
NOT_A_NETWORK, NOT_AN_INTERFACE = "not_a_network", "not_an_interface"
_INTERFACE = re.compile(r"[!-.0-~]{1,15}")
_HOURS = re.compile(r"([0-2]?\d):([0-5]\d)-([0-2]?\d):([0-5]\d)")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+{_LABEL}\.?")
_MAILBOX = re.compile(rf"[A-Za-z0-9._+-]{{1,64}}@(?:{_LABEL}\.)+{_LABEL}")


def _prefix(value: object) -> object:
    """Parse a prefix; refuse host bits, as ``10.1.2.3/16`` may mean the address or its network."""
    try:
        network = ip_network(value, strict=False) if isinstance(value, str) else None
    except ValueError:
        network = None
    if network is None:
        raise PydanticCustomError(NOT_A_PREFIX, "not a prefix")
    address = str(value).partition("/")[0]
    if ip_address(address) != network.network_address:
        raise PydanticCustomError(HOST_BITS, "host bits", {"network": str(network), "address": address})
    return network


def _endpoint(value: object) -> object:
    try:
        if isinstance(value, str):
            return parse_endpoint(value)
    except ValueError:
        pass
    raise PydanticCustomError(NOT_AN_ADDRESS, "not an address")


def as_list(value: object) -> object:
    """Split text at commas (environment, command line), so that one value is a list of one; keep other values."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _ids(value: object) -> object:
    """Split text at commas, also inside a list: ``--only ipv6.dns,ipv6.web --only security``."""
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return as_list(",".join(value))
    return as_list(value)


def _secret(value: object) -> object:
    if isinstance(value, str) and not re.match(r"(env|file|keyring):.|ask:", value):
        raise PydanticCustomError(
            PLAIN_SECRET, "a secret stands as env:NAME, file:PATH, keyring:SERVICE/NAME or ask:, never as itself"
        )
    return value


def _host_name(value: object) -> object:
    """Check a host name in A-labels that can be sent to a mail host; the empty name is allowed."""
    if isinstance(value, str) and (not value or _HOST_NAME.fullmatch(value)):
        return value.rstrip(".").lower()
    raise PydanticCustomError(NOT_A_HOST_NAME, "not the name of a host")


def _strangers(value: object) -> object:
    """Check three mail addresses of three domains, or none."""
    listed = as_list(value)
    texts = (
        [address for address in listed if isinstance(address, str) and _MAILBOX.fullmatch(address)]
        if isinstance(listed, list | tuple)
        else []
    )
    if listed in ([], ()) or (len(texts) == 3 and len({text.partition("@")[2].lower() for text in texts}) == 3):
        return tuple(texts)
    raise PydanticCustomError(NOT_STRANGERS, "not three mail addresses of three domains")


def _network(value: object) -> object:
    """Check a vantage's network: ``internet``, ``tslcd``, or a site's network of users as ``lan:SITE``."""
    if isinstance(value, str) and (
        value in set(Network) or (value.startswith(LAN) and value.removeprefix(LAN).strip())
    ):
        return value
    raise PydanticCustomError(NOT_A_NETWORK, "not a network")


def as_hours(value: object) -> object:
    """Parse ``22:00-05:00`` as minutes of the day; the end may be 24:00."""
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if match is not None:
        begin, end = (60 * int(match[place]) + int(match[place + 1]) for place in (1, 3))
        if begin < 1_440 and end <= 1_440 and begin != end:
            return begin, end
    raise PydanticCustomError(NOT_HOURS, "no hours of the day")


def _interface(value: object) -> object:
    if isinstance(value, str) and _INTERFACE.fullmatch(value):
        return value
    raise PydanticCustomError(NOT_AN_INTERFACE, "not the name of an interface")


def _https(value: object) -> object:
    """Check a URL that uses HTTPS; HTTP is allowed only to this machine."""
    if isinstance(value, str):
        parts = urlsplit(value)
        if parts.hostname and (parts.scheme == "https" or parts.hostname in ("::1", "127.0.0.1")):
            return value
    raise PydanticCustomError(NOT_HTTPS, "not an https address")


HttpsUrl = Annotated[str, BeforeValidator(_https)]
NetworkWord = Annotated[str, BeforeValidator(_network)]
Interface = Annotated[str, BeforeValidator(_interface)]
Prefix = Annotated[Any, BeforeValidator(_prefix)]
EndpointText = Annotated[Endpoint, BeforeValidator(_endpoint)]
SecretRef = Annotated[str, BeforeValidator(_secret)]
Ids = Annotated[tuple[str, ...], BeforeValidator(_ids)]
Words = Annotated[tuple[str, ...], BeforeValidator(as_list)]
Strangers = Annotated[tuple[str, ...], BeforeValidator(_strangers)]
HostName = Annotated[str, BeforeValidator(_host_name)]
MailAddress = Annotated[str, StringConstraints(pattern=rf"^{_MAILBOX.pattern}$", max_length=320)]
AttachedReport = Literal["letter", "xlsx", "pdf", "html", "csv"]
"""A report that a mail carries; ``letter`` is the letter to the agency."""
CronText = Annotated[str, BeforeValidator(times.cron)]
ZoneName = Annotated[str, BeforeValidator(times.zone)]
WindowText = Annotated[times.WeekWindow, BeforeValidator(times.window)]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")
]
