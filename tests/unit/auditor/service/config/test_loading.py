"""Tests layers of the configuration, the origin of each value, and that each error names its exact line."""

import os
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from auditor.service.config.loading import ConfigError, LoadedConfig, load
from auditor.service.config.model import Config
from inventory.model import Clearance, Endpoint, Network

SECRET = "s3cr3t-c0mmunity"


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    """Return the system, user and project folders, weakest first."""
    paths = [tmp_path / name for name in ("system", "user", "project")]
    for folder in paths:
        folder.mkdir()
    return paths


def _write(folder: Path, text: str) -> Path:
    (folder / "auditor.toml").write_text(text, encoding="utf-8")
    return folder / "auditor.toml"


def _load(
    folders: list[Path],
    environment: Mapping[str, str] | None = None,
    options: Mapping[str, object] | None = None,
    explicit: Path | None = None,
) -> LoadedConfig:
    return load(explicit=explicit, environment=environment or {}, options=options or {}, directories=folders)


def _problems(folders: list[Path], text: str) -> list[str]:
    """Return the error lines about a project file, without the path in front."""
    path = _write(folders[-1], text)
    with pytest.raises(ConfigError) as caught:
        _load(folders)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{path}: ") for line in lines)
    return [line.removeprefix(f"{path}: ") for line in lines]


def test_with_nothing_set_everything_has_its_built_in_value(folders: list[Path]) -> None:
    loaded = _load(folders)
    assert loaded.config == Config()
    assert loaded.origins == {}
    assert (loaded.config.fail_on, loaded.config.clearance, loaded.config.limits.concurrency) == (
        "high",
        Clearance.NORMAL,
        500,
    )


@pytest.mark.parametrize("strongest", range(6))
def test_flag_over_environment_over_project_over_user_over_system_over_built_in(
    folders: list[Path], strongest: int
) -> None:
    words = ["high", "low", "medium", "critical", "never", "low"]
    for number, folder in enumerate(folders, start=1):
        if number <= strongest:
            _write(folder, f'fail_on = "{words[number]}"')
    environment = {"AUDITOR_FAIL_ON": words[4]} if strongest >= 4 else {}
    options = {"fail_on": words[5] if strongest >= 5 else None}
    loaded = _load(folders, environment, options)
    origin = ["", *(str(folder / "auditor.toml") for folder in folders), "AUDITOR_FAIL_ON", "--fail-on"][strongest]
    assert loaded.config.fail_on == words[strongest]
    assert loaded.origins.get(("fail_on",), "") == origin


def test_tables_are_merged_key_by_key_and_lists_replaced(folders: list[Path]) -> None:
    system = _write(folders[0], '[limits]\nconcurrency = 9\npackets_per_second = 7\n[scope]\ndeny = ["192.0.2.0/24"]')
    user = _write(folders[1], '[limits]\nconcurrency = 8\n[scope]\ndeny = ["2001:db8::/32"]')
    loaded = _load(folders)
    assert (loaded.config.limits.concurrency, loaded.config.limits.packets_per_second) == (8, 7)
    assert loaded.config.scope.deny == (ip_network("2001:db8::/32"),)
    assert loaded.origins[("limits", "concurrency")] == str(user)
    assert loaded.origins[("limits", "packets_per_second")] == str(system)


def test_load_subject_seconds_come_from_file_variable_and_option(folders: list[Path]) -> None:
    _write(folders[0], "[limits]\nsubject_seconds = 100")
    assert _load(folders).config.limits.subject_seconds == 100
    nested = {"AUDITOR_LIMITS__SUBJECT_SECONDS": "200", "AUDITOR_LIMITS__CONCURRENCY": "7"}
    loaded = _load(folders, nested)
    assert (loaded.config.limits.subject_seconds, loaded.config.limits.concurrency) == (200, 7)
    assert loaded.origins[("limits", "subject_seconds")] == "AUDITOR_LIMITS__SUBJECT_SECONDS"
    assert _load(folders, {"AUDITOR_SUBJECT_SECONDS": "300"}).config.limits.subject_seconds == 300
    assert _load(folders, nested, {"subject_seconds": 400}).config.limits.subject_seconds == 400


def test_a_named_file_takes_the_place_of_all_others(folders: list[Path], tmp_path: Path) -> None:
    _write(folders[0], 'lang = "en"\nfail_on = "low"')
    named = tmp_path / "named.toml"
    named.write_text('fail_on = "never"', encoding="utf-8")
    for loaded in (_load(folders, explicit=named), _load(folders, {"AUDITOR_CONFIG": str(named)})):
        assert (loaded.config.fail_on, loaded.config.lang) == ("never", "vi")
    assert _load(folders, {"AUDITOR_CONFIG": ""}).config.lang == "en"
    with pytest.raises(ConfigError, match=r"^/nowhere/a.toml: there is no such file$"):
        _load(folders, explicit=Path("/nowhere/a.toml"))


def test_options_and_variables_reach_into_tables_and_split_lists(folders: list[Path]) -> None:
    environment = {
        "AUDITOR_RESOLVER": "2001:db8::53, 192.0.2.53#5353",
        "AUDITOR_ONLY": "ipv6.dns,,security ",
        "AUDITOR_SCOPE_ALLOW": "2001:db8::/32",
        "AUDITOR_REHEARSAL": "anything",
        "HOME": "/root",
    }
    loaded = _load(folders, environment, {"vantage": "hub", "skip": ("a,b", "c"), "ca_file": "x.pem", "only": ()})
    config = loaded.config
    assert config.resolver.servers == (
        Endpoint(address=ip_address("2001:db8::53")),
        Endpoint(address=ip_address("192.0.2.53"), port=5353),
    )
    assert (config.only, config.skip, config.vantage.name) == (("ipv6.dns", "security"), ("a", "b", "c"), "hub")
    assert config.scope.allow == (ip_network("2001:db8::/32"),)
    assert config.tls.ca_file == Path("x.pem")
    assert loaded.origins[("resolver", "servers")] == "AUDITOR_RESOLVER"
    assert loaded.origins[("vantage", "name")] == "--vantage"


def test_a_path_in_a_file_is_meant_from_where_the_file_is(folders: list[Path]) -> None:
    text = 'policy = "p.toml"\n[tls]\nca_file = "/abs/ca.pem"\n[resolver]\nroot_hints = "../root.hints"'
    _write(folders[0], text)
    config = _load(folders, {"AUDITOR_EVIDENCE": "here"}).config
    assert config.policy == folders[0] / "p.toml"
    assert config.tls.ca_file == Path("/abs/ca.pem")
    assert config.resolver.root_hints == folders[0] / "../root.hints"
    assert config.evidence == Path("here")


def test_each_path_of_a_list_is_meant_from_where_the_file_is(folders: list[Path]) -> None:
    _write(folders[0], '[reference]\nroas = "a.csv, /b.csv"\n[frameworks]\nfiles = ["mine.toml"]')
    config = _load(folders).config
    assert config.reference.roas == (folders[0] / "a.csv", Path("/b.csv"))
    assert config.frameworks.files == (folders[0] / "mine.toml",)
    _write(folders[0], "[seal]\npublic_key = [1]")
    with pytest.raises(ConfigError, match=r"seal\.public_key"):
        _load(folders)


def test_the_interface_s_own_example_is_good(folders: list[Path]) -> None:
    _write(
        folders[-1],
        """
        [vantage]
        name = "trung-tam-tinh"
        networks = ["internet", "tslcd"]
        control = ["2001:db8:ffff::1", "192.0.2.1", "[2001:db8::1]:443"]
        control_names = {signed = "a", bogus = "b", aaaa_only = "c"}
        ntp = ["2001:db8:ffff::123"]
        internet_anchors = ["2001:db8:ffff::1"]
        [resolver]
        servers = ["2001:db8:53::53"]
        [networks.tslcd]
        prefixes = ["10.64.0.0/10", "2001:db8:7510::/44"]
        resolvers = ["10.64.0.53"]
        [addressing]
        plan = ["2001:db8:7510::/44"]
        allow_documentation_prefixes = false
        [snmp]
        engine = "gufo"
        [snmp.profiles.core]
        version = "3"
        user = "auditor"
        auth = "sha256"
        auth_key = "env:SNMP_AUTH"
        priv = "aes128"
        priv_key = "file:/run/secrets/snmp_priv"
        contexts = ["vrf-a"]
        [scope]
        allow = ["2001:db8::/32"]
        deny = []
        [limits]
        packets_per_second = 500
        [schedule.monthly]
        cron = "0 1 1 * *"
        inventory = "inventory.xlsx"
        """,
    )
    config = _load(folders).config
    assert config.vantage.networks == (Network.INTERNET, Network.TSLCD)
    assert config.snmp.profiles["core"].auth_key == "env:SNMP_AUTH"
    assert config.snmp.profiles["core"].contexts == ("vrf-a",)
    assert config.networks[Network.TSLCD].resolvers == (Endpoint(address=ip_address("10.64.0.53")),)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('fail-on = "low"', "unknown key 'fail-on' (did you mean 'fail_on'?)"),
        ("[limits]\nconcurency = 5", "unknown key 'limits.concurency' (did you mean 'limits.concurrency'?)"),
        ("[tls]\nx = 1", "unknown key 'tls.x' (choose one of: ca_file, ct_logs, declared_roots)"),
        (
            '[snmp.profiles.core]\ncommunty = "x"',
            "unknown key 'snmp.profiles.core.communty' (did you mean 'snmp.profiles.core.community'?)",
        ),
        (
            "[networks.tslcd]\nprefix = []",
            "unknown key 'networks.tslcd.prefix' (did you mean 'networks.tslcd.prefixes'?)",
        ),
        ("[networks.lan]", "networks.lan: must be one of 'internet', 'tslcd', not 'lan'"),
        ('lang = "fr"', "lang: must be one of 'vi', 'en', not 'fr'"),
        ("timeout = 0", "timeout: must be greater than 0, not 0"),
        ('timeout = "long"', "timeout: must be a number, not 'long'"),
        ("[limits]\nconcurrency = 1.5", "limits.concurrency: must be a whole number, not 1.5"),
        ("limits = 5", "limits: must be a table, not 5"),
        (
            '[scope]\nallow = ["10.0.0.0/8", "10.0.0.300/32"]',
            "scope.allow.1: must be a prefix such as 2001:db8::/32 or 192.0.2.0/24, not '10.0.0.300/32'",
        ),
        ("[scope]\nallow = [5]", "scope.allow.0: must be a prefix such as 2001:db8::/32 or 192.0.2.0/24, not 5"),
        (
            '[vantage]\ncontrol = ["www.example.vn"]',
            "vantage.control.0: must be an address such as 2001:db8::53 or, with a port, [2001:db8::53]:53 or"
            " 192.0.2.53#53, not 'www.example.vn'",
        ),
        ('[schedule.monthly]\ninventory = "x"', "schedule.monthly.cron: is missing"),
        (
            '[schedule.monthly]\ninventory = "x"\ncron = "0 0 30 2 *"',
            "schedule.monthly.cron: names a day that no year has, not '0 0 30 2 *'",
        ),
        (
            '[calendar]\ntimezone = "Asia/Daklak"',
            "calendar.timezone: must be the name of a time zone, such as Asia/Ho_Chi_Minh, not 'Asia/Daklak'",
        ),
        (
            '[schedule.monthly]\ninventory = "x"\ncron = "@daily"\navoid = ["mon 7:30-17:00"]',
            "schedule.monthly.avoid.0: must be a window of the week, such as 'mon-fri 07:30-17:00' or '22:00-05:00',"
            " not 'mon 7:30-17:00'",
        ),
        (
            '[snmp.profiles.core]\ncontexts = ["vrf-a", "a@b"]',
            "snmp.profiles.core.contexts.1: is not of the form that is asked for",
        ),
        (
            f'[snmp.profiles.core]\ncommunity = "{SECRET}"',
            "snmp.profiles.core.community: a secret stands as env:NAME, file:PATH, keyring:SERVICE/NAME or ask:,"
            " never as itself",
        ),
    ],
)
def test_load_each_problem_is_one_line(folders: list[Path], text: str, line: str) -> None:
    assert _problems(folders, text) == [line]


def test_all_mistakes_of_all_layers_are_told_at_once(folders: list[Path]) -> None:
    broken = _write(folders[0], "[limits")
    wrong = _write(folders[1], 'lang = "fr"\n[limits]\nconcurrency = 0')
    with pytest.raises(ConfigError) as caught:
        _load(folders, {"AUDITOR_TIMEOUT": "long", "AUDITOR_COLOUR": "never"}, {"kind": 5})
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(f"{broken}: not valid TOML at the end of the file: ")
    assert set(lines[1:]) == {
        "--kind: must be text, not 5",
        "AUDITOR_COLOUR: unknown key 'colour' (did you mean 'color'?)",
        "AUDITOR_TIMEOUT: timeout: must be a number, not 'long'",
        f"{wrong}: lang: must be one of 'vi', 'en', not 'fr'",
        f"{wrong}: limits.concurrency: must be at least 1, not 0",
    }
    assert len(lines) == 6


@pytest.mark.parametrize("data", [b"\xff", b"a = [", b"a = " + b"[" * 5_000, b"a = " + b"9" * 5_000, b"a = 1\na = 2"])
def test_a_file_that_is_no_toml(folders: list[Path], data: bytes) -> None:
    (folders[0] / "auditor.toml").write_bytes(data)
    with pytest.raises(ConfigError, match=r"not valid TOML|is not text in UTF-8"):
        _load(folders)


@pytest.mark.parametrize(
    "text",
    [
        f'[snmp.profiles.core]\ncommunity = "{SECRET}"',
        f'[snmp.profiles.core]\ncommunity = ["{SECRET}"]',
        f'[snmp.profiles.core]\nversion = "{SECRET}"',
        f'[snmp.profiles.core]\ncommunty = "{SECRET}"',
        f'[snmp.profiles.core.v2]\ncommunity = "{SECRET}"',
        f'[snmp.profiles]\ncore = "{SECRET}"',
        f'[snmp]\nprofiles = "{SECRET}"',
        f'snmp = "{SECRET}"',
        f'store = ["{SECRET}"]',
        f'store = {{ url = "{SECRET}" }}',
        f'[snmp.profiles.core]\nauth = "none"\nauth_key = "{SECRET}"\npriv_key = "env:"',
    ],
)
def test_no_error_shows_what_may_be_a_secret_not_even_in_a_traceback(folders: list[Path], text: str) -> None:
    _write(folders[-1], text)
    with pytest.raises(ConfigError) as caught:
        _load(folders)
    shown: BaseException | None = caught.value
    while shown is not None:
        assert SECRET not in f"{shown!s} {shown!r}"
        shown = shown.__cause__ or shown.__context__


def test_the_password_in_a_store_s_url_is_not_in_the_repr(folders: list[Path]) -> None:
    loaded = _load(folders, {"AUDITOR_STORE": f"postgresql://auditor:{SECRET}@db/auditor"})
    assert loaded.config.store.endswith(f"{SECRET}@db/auditor")
    assert SECRET not in repr(loaded)


def test_a_number_as_a_community_is_not_shown_either(folders: list[Path]) -> None:
    assert _problems(folders, "[snmp.profiles.core]\ncommunity = 81726354") == [
        "snmp.profiles.core.community: must be text"
    ]


def test_an_inventory_of_a_schedule_is_meant_from_where_the_file_is(folders: list[Path]) -> None:
    _write(folders[0], '[schedule.a]\ncron = "@daily"\ninventory = "a.csv"\n[calendar]\nholidays = "tết.toml"')
    config = _load(folders).config
    assert config.schedule["a"].inventory == str(folders[0] / "a.csv")
    assert config.calendar.holidays == folders[0] / "tết.toml"


@pytest.mark.parametrize(
    ("text", "key", "network", "address"),
    [
        ('[scope]\nallow = ["10.1.2.3/16"]', "scope.allow.0", "10.1.0.0/16", "10.1.2.3"),
        ('[scope]\ndeny = ["2001:db8::1/64"]', "scope.deny.0", "2001:db8::/64", "2001:db8::1"),
        ('[addressing]\nplan = ["2001:db8::/32", "10.64.0.1/10"]', "addressing.plan.1", "10.64.0.0/10", "10.64.0.1"),
        ('[networks.tslcd]\nprefixes = ["10.65.0.0/10"]', "networks.tslcd.prefixes.0", "10.64.0.0/10", "10.65.0.0"),
        ('[metrics]\nallow = ["2001:db8:10::5/48"]', "metrics.allow.0", "2001:db8:10::/48", "2001:db8:10::5"),
    ],
)
def test_a_prefix_with_host_bits_is_told_with_both_of_its_right_spellings(
    folders: list[Path], text: str, key: str, network: str, address: str
) -> None:
    (said,) = _problems(folders, text)
    assert said.startswith(
        f"{key}: must end where its length says: {network} for the whole network, {address} for one address, not '"
    )


def test_load_byte_order_mark_is_ignored(folders: list[Path]) -> None:
    (folders[-1] / "auditor.toml").write_bytes(b'\xef\xbb\xbfcontact = "x"\r\n')
    assert _load(folders).config.contact == "x"


def test_load_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "auditor.toml")
    with pytest.raises(ConfigError, match="is a pipe, a device or a socket, not a file"):
        load(explicit=tmp_path / "auditor.toml", environment={}, options={}, directories=())


def test_a_variable_may_name_a_key_inside_a_table(folders: list[Path]) -> None:
    environment = {"AUDITOR_LIMITS__CONCURRENCY": "7", "AUDITOR_SCOPE__ALLOW": "2001:db8::/32, 192.0.2.0/24"}
    config = _load(folders, environment).config
    assert config.limits.concurrency == 7
    assert config.scope.allow == (ip_network("2001:db8::/32"), ip_network("192.0.2.0/24"))
    with pytest.raises(ConfigError, match=r"AUDITOR_LIMITS__CONCURENCY: unknown key 'limits\.concurency'"):
        _load(folders, {"AUDITOR_LIMITS__CONCURENCY": "7"})


def test_load_control_character_in_a_name_is_refused(folders: list[Path]) -> None:
    (said,) = _problems(folders, '[vantage]\nname = "a\\u001b[2Jb"')
    assert said.startswith("vantage.name: is not of the form that is asked for")
