"""Defines every setting of the configuration; all of them are checked at once.

Order, weakest first: built-in, /etc/auditor/auditor.toml, the user's file, ./auditor.toml (or ``--config`` in their
place), the environment (``AUDITOR_…``), the command line. Every value knows its source; plain secrets are refused.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from auditor.service.config.surveys import SurveysSection
from auditor.service.config.values import (
    AttachedReport,
    CronText,
    EndpointText,
    HostName,
    HttpsUrl,
    Ids,
    Interface,
    MailAddress,
    Name,
    NetworkWord,
    Prefix,
    SecretRef,
    Strangers,
    WindowText,
    Words,
    ZoneName,
    as_hours,
    as_list,
)
from inventory.model import Clearance, Network


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
    formerly: Name | None = None  # an earlier name; samples stored under it go on under this one
    helo: HostName = ""  # the name of this vantage in the DNS; sent to mail hosts
    relay_test: Strangers = ()  # addresses of our own: a sender, then two recipients of other domains
    networks: tuple[NetworkWord, ...] = (Network.INTERNET.value,)
    control: tuple[EndpointText, ...] = ()
    public: tuple[EndpointText, ...] = ()  # our addresses as others see them behind address translation
    control_names: ControlNamesSection = ControlNamesSection()
    ntp: tuple[EndpointText, ...] = ()
    internet_anchors: tuple[EndpointText, ...] = ()
    foreign_management: tuple[EndpointText, ...] = ()  # of other agencies, in scope; must not accept from here


class RemoteVantageSection(Section):
    """Declares a vantage with a worker that measures for us; the worker's own configuration must say the same."""

    networks: tuple[NetworkWord, ...] = (Network.INTERNET.value,)
    formerly: Name | None = None


class WorkerSection(Section):
    """Names the centre that ``auditor worker`` measures for. ``ca_file``: its trusted roots, unset the system's."""

    centre: str = ""
    token: SecretRef | None = None
    ca_file: Path | None = None


class LanSection(Section):
    interface: Interface  # ours on that network
    seconds: Annotated[float | None, Field(gt=0, le=86_400)] = None  # of one watch; by default the profile's
    receivers: tuple[EndpointText, ...] = ()  # our hosts elsewhere (auditor respond) that may get forged sources


class ResolverSection(Section):
    servers: Annotated[tuple[EndpointText, ...], BeforeValidator(as_list)] = ()
    root_hints: Path | None = None
    trust_anchor: Path | None = None


class TlsSection(Section):
    ca_file: Path | None = None
    declared_roots: Path | None = None
    ct_logs: Path | None = None


class NetworkSection(Section):
    prefixes: tuple[Prefix, ...] = ()
    resolvers: tuple[EndpointText, ...] = ()


class AddressingSection(Section):
    plan: tuple[Prefix, ...] = ()
    allow_documentation_prefixes: bool = False


class ReferenceSection(Section):
    """Names offline routing tables with their days, and the day the inventory was last compared with reality."""

    roas: Annotated[tuple[Path, ...], BeforeValidator(as_list)] = ()
    roas_taken: datetime | None = None
    routes: Annotated[tuple[Path, ...], BeforeValidator(as_list)] = ()  # each may hold one family
    routes_taken: datetime | None = None
    cbdtw: Annotated[tuple[Path, ...], BeforeValidator(as_list)] = ()  # monthly tables, of one month or of several
    reconciled: date | None = None


SnmpContext = Annotated[str, StringConstraints(pattern=r"^[!-?A-~]{1,32}$")]
"""The name of a context (RFC 3411 §3.3.1), without ``@``, which joins it to a community."""


class SnmpProfileSection(Section):
    version: Literal["1", "2c", "3"] = "3"
    community: SecretRef | None = None
    user: str | None = None
    auth: Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] | None = None
    auth_key: SecretRef | None = None
    priv: Literal["des", "aes128", "aes192", "aes256"] | None = None
    priv_key: SecretRef | None = None
    context: str = ""
    contexts: Annotated[tuple[SnmpContext, ...], BeforeValidator(as_list)] = ()  # further ones: one for each VRF


class FrameworksSection(Section):
    """Selects frameworks. ``files``: the operator's own. ``leave_out``: ids of shipped ones of other provinces."""

    files: Annotated[tuple[Path, ...], BeforeValidator(as_list), Field(max_length=50)] = ()
    leave_out: Annotated[tuple[Name, ...], BeforeValidator(as_list), Field(max_length=50)] = ()


class ChecksSection(Section):
    """Names ``folders`` with the operator's own checks: Python files that run with the rights of this program."""

    folders: Annotated[tuple[Path, ...], BeforeValidator(as_list), Field(max_length=20)] = ()


class SnmpSection(Section):
    engine: Literal["gufo", "pysnmp"] = "gufo"
    profiles: dict[str, SnmpProfileSection] = {}


class ScopeSection(Section):
    allow: Annotated[tuple[Prefix, ...] | None, BeforeValidator(as_list)] = None
    deny: Annotated[tuple[Prefix, ...], BeforeValidator(as_list)] = ()


class LimitsSection(Section):
    packets_per_second: float = Field(default=500, gt=0, le=1_000_000)
    per_address_per_second: float = Field(default=10, gt=0, le=10_000)
    per_prefix_per_second: float = Field(default=100, gt=0, le=100_000)
    concurrency: int = Field(default=500, ge=1, le=20_000)
    subject_seconds: float | None = Field(default=None, gt=0, le=86_400)  # by default the profile's


class MaintenanceSection(Section):
    """Announces work on a subject or on all subjects of an agency; samples taken meanwhile do not count."""

    subject: str | None = None
    agency: str | None = None
    since: AwareDatetime
    until: AwareDatetime


class ThroughputSection(Section):
    """Limits throughput tests; without ``hours`` (of Vietnam, such as 22:00-05:00) there are none.
    ``megabytes`` and ``seconds`` of one test, ``run_megabytes`` of a run; ``control``: servers near this vantage."""

    hours: Annotated[tuple[int, int] | None, BeforeValidator(as_hours)] = None
    megabytes: int = Field(default=100, ge=1, le=10_000)
    run_megabytes: int = Field(default=10_000, ge=1, le=1_000_000)
    seconds: float = Field(default=10.0, gt=0, le=10)
    control: Annotated[tuple[EndpointText, ...], BeforeValidator(as_list)] = ()


class MeshSection(Section):
    """Describes one vantage of the mesh, by its name; our own may be among them.
    ``ports``: TCP ports at which it answers where echo is filtered. ``dns``: the port at which it answers DNS."""

    addresses: Annotated[tuple[EndpointText, ...], BeforeValidator(as_list), Field(min_length=1, max_length=8)]
    ports: Annotated[tuple[Annotated[int, Field(ge=1, le=65_535)], ...], Field(max_length=8)] = ()
    dns: int | None = Field(default=None, ge=1, le=65_535)


class SamplingSection(Section):
    packets_per_second: float = Field(default=3_000, gt=0, le=1_000_000)
    concurrency: int = Field(default=200, ge=1, le=5_000)
    raw_days: int = Field(default=60, ge=35, le=3_660)  # windows of checks look back at 31 days
    hour_days: int = Field(default=400, ge=35, le=36_600)
    maintenance: dict[str, MaintenanceSection] = {}


class BlackoutSection(Section):
    """Keeps scheduled audits from starting for a time: an election, an exam, a change of the network."""

    since: AwareDatetime
    until: AwareDatetime


class CalendarSection(Section):
    """Sets the calendar of every schedule. ``holidays``: a file in place of the shipped one."""

    timezone: ZoneName = "Asia/Ho_Chi_Minh"
    holidays: Path | None = None
    blackout: dict[str, BlackoutSection] = {}


class ScheduleSection(Section):
    """Starts audits at the times of ``cron``, but not within ``avoid``, windows of the week.
    ``spread``: minutes over which schedules of one time are spread, each at a fixed place; ``jitter``: random minutes
    more. ``vantages``: those of its rounds, by default only ours; a round waits ``deadline_hours`` for workers."""

    cron: CronText
    inventory: str
    profile: Literal["audit", "quick"] = "audit"
    clearance: Clearance | None = None
    timezone: ZoneName | None = None
    not_before: date | None = None
    spread: int = Field(default=0, ge=0, le=1_440)
    jitter: int = Field(default=0, ge=0, le=1_440)
    avoid: Annotated[tuple[WindowText, ...], BeforeValidator(as_list)] = ()
    on_holidays: Literal["postpone", "run"] = "postpone"
    catch_up: bool = True
    vantages: Annotated[tuple[Name, ...], BeforeValidator(as_list), Field(max_length=50)] = ()
    deadline_hours: float = Field(default=24, gt=0, le=720)


ServedName = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_.-]{1,253}|[0-9A-Fa-f:.]{2,45})$")]
"""A host name, or a literal address without brackets."""


class ReportSection(Section):
    """Sets the head and the foot of a report's pages: the issuer's name, and a picture (PNG or SVG)."""

    issuer: Annotated[str, StringConstraints(max_length=200)] = ""
    emblem: Path | None = None


class ServeSection(Section):
    """Configures the service. ``proxies``: trusted to name the client's address (X-Forwarded-For).
    ``names``: of the service, besides those of this machine, ``public_url`` and ``notify.pages``. ``second_factor``:
    the roles that must have one; unset, all with ``--https`` and none without. ``keys``: the file of the store's
    encryption keys. ``rechecks_per_day``: how often an agency's viewer may have its subjects checked again."""

    proxies: Annotated[tuple[Prefix, ...], BeforeValidator(as_list)] = ()
    names: Annotated[tuple[ServedName, ...], BeforeValidator(as_list)] = ()
    second_factor: Annotated[tuple[Literal["viewer", "operator", "admin"], ...], BeforeValidator(as_list)] | None = None
    keys: SecretRef | None = None
    rechecks_per_day: int = Field(default=5, ge=0, le=1_000)


class MetricsSection(Section):
    """Names the networks that may read the monitoring figures without a token."""

    allow: Annotated[tuple[Prefix, ...], BeforeValidator(as_list)] = ()


class MailSection(Section):
    """Names the mail relay. ``tls``: begun by STARTTLS, from the first octet, or none at all."""

    server: Annotated[str, StringConstraints(pattern=r"^(\[[0-9a-fA-F:.]+\]|[^\[\]:\s]+)(:\d{1,5})?$", max_length=300)]
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    user: str | None = None
    password: SecretRef | None = None
    sender: MailAddress


class RecipientSection(Section):
    """Notifies a person by mail, of one ``agency`` or of the whole. ``reports`` are attached to the mail.
    ``when``: after every run, after those that changed something, or after those that made something worse."""

    address: MailAddress
    agency: str | None = None
    reports: Annotated[tuple[AttachedReport, ...], BeforeValidator(as_list), Field(max_length=5)] = ()
    lang: Literal["vi", "en"] | None = None
    when: Literal["always", "changes", "worse"] = "changes"


class WebhookSection(Section):
    """Notifies a program. ``secret`` signs each message (HMAC-SHA256).
    ``events``: one for the run, or one for each new, eased or fixed problem, by the rules of Standard Webhooks."""

    url: HttpsUrl
    secret: SecretRef
    events: Literal["run", "problems"] = "run"
    agency: str | None = None
    when: Literal["always", "changes", "worse"] = "always"


class ChatSection(Section):
    """Notifies a chat by apprise's URL, which is a secret; it gets counts and a link, never a finding."""

    url: SecretRef
    agency: str | None = None
    lang: Literal["vi", "en"] | None = None
    when: Literal["always", "changes", "worse"] = "changes"


class NotifySection(Section):
    """Names the recipients of run results. ``pages``: the address of the service for people, used in links."""

    pages: Annotated[str, StringConstraints(pattern=r"^(https?://[^\s]+)?$", max_length=500)] = ""
    mail: MailSection | None = None
    recipients: Annotated[dict[Name, RecipientSection], Field(max_length=1_000)] = {}
    webhooks: Annotated[dict[Name, WebhookSection], Field(max_length=20)] = {}
    chats: Annotated[dict[Name, ChatSection], Field(max_length=20)] = {}


class RetentionSection(Section):
    """Limits how long evidence of unsealed runs is kept: ``evidence_days``, 0 is for ever. Findings stay."""

    evidence_days: Annotated[int, Field(ge=0, le=36_600)] = 0


class SealSection(Section):
    """Configures seals. ``public_key``: PEM files of Ed25519 keys that must verify their signatures.
    ``timestamp_url``: a server that stamps seals with the time (RFC 3161); ``timestamp_ca``: its roots, a PEM file."""

    public_key: Annotated[tuple[Path, ...], BeforeValidator(as_list), Field(max_length=20)] = ()
    timestamp_url: Annotated[str, StringConstraints(pattern=r"^(https?://[^\s/]+(/\S*)?)?$", max_length=2_000)] = ""
    timestamp_ca: Path | None = None


class OidcSection(Section):
    """Configures login by an OpenID provider. ``public_url``: of this service, as browsers see it.
    A person's role is the highest that ``roles`` gives for a value of ``role_claim``; a viewer's agency is the one that
    ``agencies`` gives for a value of ``agency_claim``, ``*`` for all. A person without these is refused. ``acr``: the
    accepted strengths of the provider's authentication (Authentication Context Class Reference)."""

    issuer: HttpsUrl
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    client_secret: SecretRef | None = None
    public_url: HttpsUrl
    name: Name = "OpenID"
    scopes: Words = ("openid", "profile")
    name_claim: str = "preferred_username"
    role_claim: str = "groups"
    roles: dict[str, Literal["viewer", "operator", "admin"]] = {}
    agency_claim: str = "groups"
    agencies: dict[str, str] = {}
    acr: Words = ()


class Config(Section):
    """Holds all settings; the keys without a table are the options that ``check`` and ``audit`` share."""

    lang: Literal["vi", "en"] = "vi"
    color: Literal["auto", "always", "never"] = "auto"
    log_format: Literal["text", "json"] = "text"
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
    force: bool = False
    contact: str = ""
    vantage: VantageSection = VantageSection()
    vantages: Annotated[dict[Name, RemoteVantageSection], Field(max_length=200)] = {}
    worker: WorkerSection = WorkerSection()
    resolver: ResolverSection = ResolverSection()
    tls: TlsSection = TlsSection()
    networks: dict[Network, NetworkSection] = {}
    lan: dict[str, LanSection] = {}
    addressing: AddressingSection = AddressingSection()
    reference: ReferenceSection = ReferenceSection()
    frameworks: FrameworksSection = FrameworksSection()
    checks: ChecksSection = ChecksSection()
    surveys: SurveysSection = SurveysSection()
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
    seal: SealSection = SealSection()
    serve: ServeSection = ServeSection()
    metrics: MetricsSection = MetricsSection()
    report: ReportSection = ReportSection()
    oidc: OidcSection | None = None
