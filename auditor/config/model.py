"""The whole configuration: what an operator may set, checked all at once.

Order, weakest first: built-in, /etc/auditor/auditor.toml, the user's file, ./auditor.toml (or ``--config`` in place of
these three), the environment (``AUDITOR_…``), the command line. Every value remembers where it came from. Secrets are
references (``env:NAME``, ``file:PATH``); a plain secret is refused, so none can be printed.
"""

import re
from datetime import date, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from auditor.config import times
from inventory.addresses import parse_endpoint
from inventory.lans import PREFIX as LAN
from inventory.model import Clearance, Endpoint, Network

PLAIN_SECRET = "plain_secret"
"""Type of the error about a secret that stands as itself; its input must not be shown."""
NOT_A_PREFIX, NOT_AN_ADDRESS, NOT_A_HOST_NAME = "not_a_prefix", "not_an_address", "not_a_host_name"
NOT_STRANGERS = "not_strangers"
NOT_HOURS = "not_hours"
NOT_A_NETWORK, NOT_AN_INTERFACE = "not_a_network", "not_an_interface"
_INTERFACE = re.compile(r"[!-.0-~]{1,15}")
_HOURS = re.compile(r"([0-2]?\d):([0-5]\d)-([0-2]?\d):([0-5]\d)")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+{_LABEL}\.?")
_MAILBOX = re.compile(rf"[A-Za-z0-9._+-]{{1,64}}@(?:{_LABEL}\.)+{_LABEL}")


def _prefix(value: object) -> object:
    try:
        if isinstance(value, str):
            return ip_network(value, strict=False)
    except ValueError:
        pass
    raise PydanticCustomError(NOT_A_PREFIX, "not a prefix")


def _endpoint(value: object) -> object:
    try:
        if isinstance(value, str):
            return parse_endpoint(value)
    except ValueError:
        pass
    raise PydanticCustomError(NOT_AN_ADDRESS, "not an address")


def _list(value: object) -> object:
    """One value stands for a list of one; text is split at commas (environment, command line)."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _ids(value: object) -> object:
    """The same, and commas count inside a list too: ``--only ipv6.dns,ipv6.web --only security``."""
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return _list(",".join(value))
    return _list(value)


def _secret(value: object) -> object:
    if isinstance(value, str) and not re.match(r"(env|file):.", value):
        raise PydanticCustomError(PLAIN_SECRET, "a secret stands as env:NAME or file:PATH, never as itself")
    return value


def _host_name(value: object) -> object:
    """A name that can be said to a mail host as it stands, as A-labels."""
    if isinstance(value, str) and (not value or _HOST_NAME.fullmatch(value)):
        return value.rstrip(".").lower()
    raise PydanticCustomError(NOT_A_HOST_NAME, "not the name of a host")


def _strangers(value: object) -> object:
    """Three mail addresses of three domains, or none."""
    listed = _list(value)
    texts = (
        [one for one in listed if isinstance(one, str) and _MAILBOX.fullmatch(one)]
        if isinstance(listed, list | tuple)
        else []
    )
    if listed in ([], ()) or (len(texts) == 3 and len({one.partition("@")[2].lower() for one in texts}) == 3):
        return tuple(texts)
    raise PydanticCustomError(NOT_STRANGERS, "not three mail addresses of three domains")


def _network(value: object) -> object:
    """A network that a vantage stands in: ``internet``, ``tslcd``, or a site's network of users as ``lan:SITE``."""
    if isinstance(value, str) and (
        value in set(Network) or (value.startswith(LAN) and value.removeprefix(LAN).strip())
    ):
        return value
    raise PydanticCustomError(NOT_A_NETWORK, "not a network")


def _hours(value: object) -> object:
    """``22:00-05:00`` as minutes of the day; the end may be 24:00."""
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if found is not None:
        begin, end = (60 * int(found[place]) + int(found[place + 1]) for place in (1, 3))
        if begin < 1_440 and end <= 1_440 and begin != end:
            return begin, end
    raise PydanticCustomError(NOT_HOURS, "no hours of the day")


def _interface(value: object) -> object:
    if isinstance(value, str) and _INTERFACE.fullmatch(value):
        return value
    raise PydanticCustomError(NOT_AN_INTERFACE, "not the name of an interface")


NetworkWord = Annotated[str, BeforeValidator(_network)]
Interface = Annotated[str, BeforeValidator(_interface)]
Prefix = Annotated[Any, BeforeValidator(_prefix)]
EndpointText = Annotated[Endpoint, BeforeValidator(_endpoint)]
SecretRef = Annotated[str, BeforeValidator(_secret)]
Ids = Annotated[tuple[str, ...], BeforeValidator(_ids)]
Words = Annotated[tuple[str, ...], BeforeValidator(_list)]
Strangers = Annotated[tuple[str, ...], BeforeValidator(_strangers)]
HostName = Annotated[str, BeforeValidator(_host_name)]
MailAddress = Annotated[str, StringConstraints(pattern=rf"^{_MAILBOX.pattern}$", max_length=320)]
CronText = Annotated[str, BeforeValidator(times.cron)]
ZoneName = Annotated[str, BeforeValidator(times.zone)]
WindowText = Annotated[times.Window, BeforeValidator(times.window)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class Section(BaseModel):
    # hide_input: a traceback that ends in pydantic's own error must not print what an operator typed as a secret.
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)


class ControlNamesSection(Section):
    signed: str | None = None
    bogus: str | None = None
    aaaa_only: str | None = None
    ipv6_only_zone: str | None = None


class VantageSection(Section):
    name: Name = "local"
    helo: HostName = ""  # what DNS calls this vantage; said to mail hosts
    relay_test: Strangers = ()  # addresses of our own: a sender, then two recipients of other domains
    networks: tuple[NetworkWord, ...] = (Network.INTERNET.value,)
    control: tuple[EndpointText, ...] = ()
    control_names: ControlNamesSection = ControlNamesSection()
    ntp: tuple[EndpointText, ...] = ()
    internet_anchors: tuple[EndpointText, ...] = ()


class LanSection(Section):
    interface: Interface  # ours on that network
    seconds: Annotated[float | None, Field(gt=0, le=86_400)] = None  # of one watch; by default the profile's
    receivers: tuple[EndpointText, ...] = ()  # ours elsewhere (auditor respond): forged sources may be shown to them


class ResolverSection(Section):
    servers: Annotated[tuple[EndpointText, ...], BeforeValidator(_list)] = ()
    root_hints: Path | None = None
    trust_anchor: Path | None = None


class TlsSection(Section):
    ca_file: Path | None = None
    declared_roots: Path | None = None


class NetworkSection(Section):
    prefixes: tuple[Prefix, ...] = ()
    resolvers: tuple[EndpointText, ...] = ()


class AddressingSection(Section):
    plan: tuple[Prefix, ...] = ()
    allow_documentation_prefixes: bool = False


class ReferenceSection(Section):
    """Offline tables of routing, when each was taken where the file does not say, and when the inventory was last
    compared with what is there."""

    roas: Annotated[tuple[Path, ...], BeforeValidator(_list)] = ()
    roas_taken: datetime | None = None
    routes: Annotated[tuple[Path, ...], BeforeValidator(_list)] = ()  # each may hold one family
    routes_taken: datetime | None = None
    cbdtw: Annotated[tuple[Path, ...], BeforeValidator(_list)] = ()  # monthly data, a table a month or one of several
    reconciled: date | None = None


class SnmpProfileSection(Section):
    version: Literal["1", "2c", "3"] = "3"
    community: SecretRef | None = None
    user: str | None = None
    auth: Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] | None = None
    auth_key: SecretRef | None = None
    priv: Literal["des", "aes128", "aes192", "aes256"] | None = None
    priv_key: SecretRef | None = None
    context: str = ""


class SnmpSection(Section):
    engine: Literal["gufo", "pysnmp"] = "gufo"
    profiles: dict[str, SnmpProfileSection] = {}


class ScopeSection(Section):
    allow: Annotated[tuple[Prefix, ...] | None, BeforeValidator(_list)] = None
    deny: Annotated[tuple[Prefix, ...], BeforeValidator(_list)] = ()


class LimitsSection(Section):
    packets_per_second: float = Field(default=500, gt=0, le=1_000_000)
    per_address_per_second: float = Field(default=10, gt=0, le=10_000)
    per_prefix_per_second: float = Field(default=100, gt=0, le=100_000)
    concurrency: int = Field(default=500, ge=1, le=20_000)


class MaintenanceSection(Section):
    """Announced work: what is sampled of a subject, or of all subjects of an agency, meanwhile counts for nobody."""

    subject: str | None = None
    agency: str | None = None
    since: AwareDatetime
    until: AwareDatetime


class ThroughputSection(Section):
    """Tests of throughput: without ``hours`` (of Vietnam, such as 22:00-05:00) there are none. ``megabytes`` of one
    test and of all of a run, ``seconds`` of one; ``control`` are servers near this measuring point."""

    hours: Annotated[tuple[int, int] | None, BeforeValidator(_hours)] = None
    megabytes: int = Field(default=100, ge=1, le=10_000)
    run_megabytes: int = Field(default=10_000, ge=1, le=1_000_000)
    seconds: float = Field(default=10.0, gt=0, le=10)
    control: Annotated[tuple[EndpointText, ...], BeforeValidator(_list)] = ()


class MeshSection(Section):
    """One measuring point of the mesh, by its name; the one that we are ourselves may be among them. ``ports`` are TCP
    ports at which it answers where echo is filtered."""

    addresses: Annotated[tuple[EndpointText, ...], BeforeValidator(_list), Field(min_length=1, max_length=8)]
    ports: Annotated[tuple[Annotated[int, Field(ge=1, le=65_535)], ...], Field(max_length=8)] = ()


class SamplingSection(Section):
    packets_per_second: float = Field(default=3_000, gt=0, le=1_000_000)
    concurrency: int = Field(default=200, ge=1, le=5_000)
    raw_days: int = Field(default=60, ge=35, le=3_660)  # windows of checks look back at 31 days
    hour_days: int = Field(default=400, ge=35, le=36_600)
    maintenance: dict[str, MaintenanceSection] = {}


class BlackoutSection(Section):
    """A time in which no audit of a schedule begins: an election, an exam, a change of the network."""

    since: AwareDatetime
    until: AwareDatetime


class CalendarSection(Section):
    """What holds for every schedule. ``holidays``: a file in place of the shipped one."""

    timezone: ZoneName = "Asia/Ho_Chi_Minh"
    holidays: Path | None = None
    blackout: dict[str, BlackoutSection] = {}


class ScheduleSection(Section):
    """``spread``: minutes over which schedules of the same time are spread, each always at its own place; ``jitter``:
    minutes of chance beside that. ``avoid``: windows of the week in which none begins."""

    cron: CronText
    inventory: str
    profile: Literal["audit", "quick"] = "audit"
    clearance: Clearance | None = None
    timezone: ZoneName | None = None
    not_before: date | None = None
    spread: int = Field(default=0, ge=0, le=1_440)
    jitter: int = Field(default=0, ge=0, le=1_440)
    avoid: Annotated[tuple[WindowText, ...], BeforeValidator(_list)] = ()
    on_holidays: Literal["postpone", "run"] = "postpone"
    catch_up: bool = True


class MetricsSection(Section):
    """``allow``: from where the figures for monitoring may be read without a token."""

    allow: Annotated[tuple[Prefix, ...], BeforeValidator(_list)] = ()


class MailSection(Section):
    """The host that takes mail. ``tls``: begun by STARTTLS, from the first octet, or none at all."""

    server: Annotated[str, StringConstraints(pattern=r"^(\[[0-9a-fA-F:.]+\]|[^\[\]:\s]+)(:\d{1,5})?$", max_length=300)]
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    user: str | None = None
    password: SecretRef | None = None
    sender: MailAddress


class RecipientSection(Section):
    """Somebody to be told by mail. Without ``agency`` of the whole. ``when``: after every run, after those that changed
    something, or after those that made something worse."""

    address: MailAddress
    agency: str | None = None
    lang: Literal["vi", "en"] | None = None
    when: Literal["always", "changes", "worse"] = "changes"


class WebhookSection(Section):
    """A program to be told. ``secret`` signs what it is sent (HMAC-SHA256)."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/\S*)?$", max_length=2_000)]
    secret: SecretRef
    agency: str | None = None
    when: Literal["always", "changes", "worse"] = "always"


class ChatSection(Section):
    """A chat, by apprise's URL, which is a secret; it is told counts and a link, never a finding."""

    url: SecretRef
    agency: str | None = None
    lang: Literal["vi", "en"] | None = None
    when: Literal["always", "changes", "worse"] = "changes"


class NotifySection(Section):
    """Who is told how a run ended. ``pages``: where people reach the service, for links."""

    pages: Annotated[str, StringConstraints(pattern=r"^(https?://[^\s]+)?$", max_length=500)] = ""
    mail: MailSection | None = None
    recipients: Annotated[dict[Name, RecipientSection], Field(max_length=1_000)] = {}
    webhooks: Annotated[dict[Name, WebhookSection], Field(max_length=20)] = {}
    chats: Annotated[dict[Name, ChatSection], Field(max_length=20)] = {}


class RetentionSection(Section):
    """``evidence_days``: how long the evidence of runs that are not sealed is kept; 0 is for ever. Findings stay."""

    evidence_days: Annotated[int, Field(ge=0, le=36_600)] = 0


class Config(Section):
    """Everything that can be set; the keys without a table are the options that ``check`` and ``audit`` share."""

    lang: Literal["vi", "en"] = "vi"
    color: Literal["auto", "always", "never"] = "auto"
    profile: Literal["audit", "quick"] | None = None
    only: Ids = ()
    skip: Ids = ()
    kind: str | None = None
    snmp_profile: str | None = None
    clearance: Clearance = Clearance.NORMAL
    format: Words = ()
    fail_on: Literal["critical", "high", "medium", "low", "never"] = "high"
    store: str = Field(default="sqlite:///auditor.db", repr=False)  # a URL, which may hold a password
    policy: Path | None = None
    waivers: Path | None = None
    timeout: Annotated[float | None, Field(gt=0, le=3600)] = None
    evidence: Path | None = None
    contact: str = ""
    vantage: VantageSection = VantageSection()
    resolver: ResolverSection = ResolverSection()
    tls: TlsSection = TlsSection()
    networks: dict[Network, NetworkSection] = {}
    lan: dict[str, LanSection] = {}
    addressing: AddressingSection = AddressingSection()
    reference: ReferenceSection = ReferenceSection()
    snmp: SnmpSection = SnmpSection()
    scope: ScopeSection = ScopeSection()
    limits: LimitsSection = LimitsSection()
    mesh: Annotated[dict[Name, MeshSection], Field(max_length=200)] = {}
    throughput: ThroughputSection = ThroughputSection()
    sampling: SamplingSection = SamplingSection()
    calendar: CalendarSection = CalendarSection()
    schedule: dict[str, ScheduleSection] = {}
    notify: NotifySection = NotifySection()
    retention: RetentionSection = RetentionSection()
    metrics: MetricsSection = MetricsSection()
