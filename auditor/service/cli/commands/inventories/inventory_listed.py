"""Runs ``auditor inventory propose``: proposes rows that a list of another program has and the inventory does not."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.framework.operator_problems import OperatorError, OperatorProblem
from auditor.service.cli.commands.inventories.inventory_discovered import print_proposals
from auditor.service.cli.commands.inventories.inventory_of_name import rows_of_name
from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.words import ui
from auditor.service.inventories.file_reading import load_files
from auditor.service.pipeline.credentials.credentials import environment
from auditor.service.pipeline.credentials.secret_sources import read_secret
from auditor.service.runs.netbox_api import NetBoxAccess, NetBoxRefused, is_address, read_objects
from inventory.kinds import KIND_WORDS, ROW_KINDS
from inventory.listed.ansible import read_ansible
from inventory.listed.certificate_log import read_certificates
from inventory.listed.hosts_file import read_hosts
from inventory.listed.model import LARGEST, GroupMeanings, ListedThings, NotSuchAListError, not_known
from inventory.listed.netbox import NetBoxObjects, read_netbox
from inventory.listed.nmap_xml import read_nmap
from inventory.listed.zone_file import read_zone
from inventory.model import Kind
from inventory.safe_open import TooLarge, read_whole
from inventory.word_matching import fold

_REFERENCES = ("env:", "file:")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOptions:
    """Holds the options of the command as they were typed."""

    origin: str = ""
    kinds: Sequence[str] = ()
    agencies: Sequence[str] = ()
    token: str | None = None
    ca_file: Path | None = None


_READERS: Mapping[str, Callable[[bytes, str, GroupMeanings], ListedThings]] = {
    "hosts": lambda data, _origin, _meanings: read_hosts(_text(data)),
    "zone": lambda data, origin, _meanings: read_zone(_text(data), origin),
    "nmap": lambda data, _origin, _meanings: read_nmap(data),
    "certificates": lambda data, _origin, _meanings: read_certificates(_text(data)),
    "ansible": lambda data, _origin, meanings: _ansible(_text(data), meanings),
    "netbox": lambda data, _origin, meanings: _netbox(read_netbox(_text(data), meanings)),
}


def propose(source: str, kind: str, known: Sequence[Path], options: ListOptions) -> int:
    """Print a table of proposals, in the inventory's columns; nothing is kept."""
    if kind not in (*_READERS, "name"):
        raise refuse([ui("--from is one of: {kinds}", kinds=", ".join((*_READERS, "name")))])
    meanings = GroupMeanings(kinds=_kinds(options.kinds), agencies=_pairs(options.agencies, "--agency"))
    subjects = load_files(known).inventory.subjects if known else ()
    if kind == "name":
        print_proposals(rows_of_name(source, subjects))
        return EXIT_OK
    if kind == "netbox" and "://" in source:
        things = _netbox(_fetched(source, options, meanings))
    else:
        read = _READERS[kind]
        things = _read(Path(source), kind, lambda data: read(data, options.origin, meanings))
    print_proposals([thing.row() for thing in not_known(things.all(), subjects)])
    if things.more:
        print(ui("{n:n} more were not read; split the list", n=things.more), file=sys.stderr)
    return EXIT_OK


def _read(path: Path, kind: str, read: Callable[[bytes], ListedThings]) -> ListedThings:
    try:
        return read(read_whole(path, LARGEST))
    except TooLarge:
        raise refuse([ui("{path}: larger than {limit} MB", path=str(path), limit=LARGEST // 2**20)]) from None
    except (OSError, NotSuchAListError) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        raise refuse([ui("{path} is not read as {kind}: {why}", path=str(path), kind=kind, why=why)]) from error


def _fetched(url: str, options: ListOptions, meanings: GroupMeanings) -> NetBoxObjects:
    if not is_address(url):
        raise refuse([ui("the address of NetBox begins with https:// and holds no password")])
    if options.token is None or not options.token.startswith(_REFERENCES):
        raise refuse([ui("--token names where the token stands: env:NAME or file:PATH, never the token itself")])
    problems: list[OperatorProblem] = []
    token = read_secret(options.token, environment(), problems, at="--token")
    if token is None:
        raise OperatorError(problems)
    if not token.isascii() or not token.isprintable() or not token:
        raise refuse([ui("--token: what stands there is no token")])
    try:
        return read_objects(NetBoxAccess(url=url, token=token, ca_file=options.ca_file), meanings)
    except NetBoxRefused as error:
        raise refuse([ui("{url} gives no objects of NetBox: {why}", url=url, why=str(error))]) from error


def _netbox(objects: NetBoxObjects) -> ListedThings:
    things = objects.things()
    if objects.left_out:
        text = ui(
            "{n:n} {n/object was/objects were} left out: not in use, or without an address or name", n=objects.left_out
        )
        print(text, file=sys.stderr)
    return things


def _ansible(text: str, meanings: GroupMeanings) -> ListedThings:
    things, vaulted = read_ansible(text, meanings)
    if vaulted:
        text = ui("{n:n} encrypted {n/value was/values were} not read", n=vaulted)
        print(text, file=sys.stderr)
    return things


def _kinds(words: Sequence[str]) -> Mapping[str, Kind]:
    kinds = {}
    for group, word in _pairs(words, "--kind").items():
        kind = KIND_WORDS.get(fold(word))
        if kind is None:
            raise refuse([ui("--kind {word}: kinds are {kinds}", word=word, kinds=", ".join(ROW_KINDS))])
        kinds[group] = kind
    return kinds


def _pairs(words: Sequence[str], option: str) -> Mapping[str, str]:
    pairs = [word.partition("=") for word in words]
    for group, _, meaning in pairs:
        if not group or not meaning:
            raise refuse([ui("{option} is written GROUP=MEANING", option=option)])
    return {group.casefold(): meaning for group, _, meaning in pairs}


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotSuchAListError(str(error)) from error
