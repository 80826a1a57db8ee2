"""Reads devices, virtual machines and addresses as the REST API of NetBox gives them, from pages or a saved export."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_interface

from inventory.cells.names import looks_like_name
from inventory.listed.model import GroupMeanings, ListedThings, NotSuchAListError
from inventory.model import IPAddress, Kind

PATHS = ("dcim/devices", "virtualization/virtual-machines", "ipam/ip-addresses")
"""The collections that are read, under ``/api/``."""
_TAG = re.compile(r"[^\W_][\w.-]{0,99}")
_DEPTH = 4
"""Levels of lists and objects in an export above the objects themselves."""
_TEXT = 255
Json = Mapping[str, object]


@dataclass(slots=True)
class _Machine:
    """Holds a device or a virtual machine."""

    name: str
    kind: Kind
    addresses: list[IPAddress]
    site: str
    facts: dict[str, str]


@dataclass(slots=True)
class NetBoxObjects:
    """Collects objects of all pages, and turns them into proposals when all are there.

    ``left_out`` counts objects that are not in use or have nothing by which they could be reached.
    """

    meanings: GroupMeanings = field(default_factory=GroupMeanings)
    left_out: int = 0
    _machines: list[_Machine] = field(default_factory=list)
    _taken: set[tuple[str, int]] = field(default_factory=set)
    _addresses: list[tuple[str, IPAddress, tuple[str, int], dict[str, str]]] = field(default_factory=list)

    def take_page(self, page: object) -> int:
        """Add the objects of one page and return their number. Raise NotSuchAListError."""
        results = page.get("results") if isinstance(page, dict) else None
        if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
            raise NotSuchAListError("no page of results")
        self.take(results)
        return len(results)

    def take(self, objects: Iterable[Json]) -> None:
        """Add objects; those of other kinds are passed over."""
        for each in objects:
            if "address" in each:
                self._take_address(each)
            elif "device_type" in each or "cluster" in each:
                self._take_machine(each)

    def things(self) -> ListedThings:
        """Return the proposals. Machines of the same name and agency are told apart by their site, then by number."""
        things = ListedThings("NetBox")
        hosts = {address: name for name, address, _, _ in self._addresses}
        names = _Names(self._machines)
        for machine in self._machines:
            fqdn = next((hosts[each] for each in machine.addresses if each in hosts), "")
            if not machine.addresses:
                self.left_out += 1
                continue
            facts = machine.facts | ({"fqdn": fqdn} if fqdn else {})
            things.add(names.of(machine), machine.kind, *machine.addresses, facts=facts)
        primary = {each for machine in self._machines for each in machine.addresses}
        for name, address, owner, facts in self._addresses:
            if address not in primary and owner not in self._taken:
                things.add(name, Kind.HOST, address, facts=facts)
        return things

    def _take_machine(self, each: Json) -> None:
        addresses = [address for key in ("primary_ip4", "primary_ip6") if (address := _address(each.get(key)))]
        name = _text(each, "name") or _text(each, "display") or _text(each, "display_name")
        if not _is_active(each) or not name:
            self.left_out += 1
            return
        if addresses:
            self._taken.add(("device" if "device_type" in each else "virtual_machine", _id(each)))
        role = _part(each, "role") or _part(each, "device_role")
        model = _part(each, "device_type")
        maker = _text(_part(model, "manufacturer"), "name")
        site = _text(_part(each, "site"), "name")
        facts = {
            **self._owner(each),
            "site": site,
            "device": " ".join(word for word in (maker, _text(model, "model")) if word),
            "tags": _tags(each),
        }
        words = [word for word in (_text(role, "slug"), _text(role, "name")) if word]
        self._machines.append(_Machine(name, self.meanings.kind_of(words), addresses, site, facts))

    def _take_address(self, each: Json) -> None:
        name, address = looks_like_name(_text(each, "dns_name")), _address(each)
        if name is None or address is None or not _is_active(each):
            self.left_out += 1
            return
        assigned = _part(each, "assigned_object")
        kind = "virtual_machine" if _part(assigned, "virtual_machine") else "device"
        owner = kind, _id(_part(assigned, kind))
        self._addresses.append((name, address, owner, {**self._owner(each), "tags": _tags(each)}))

    def _owner(self, each: Json) -> dict[str, str]:
        """Return the tenant: its agency's code where the operator states it, else its name."""
        tenant = _part(each, "tenant")
        names = [word for word in (_text(tenant, "slug"), _text(tenant, "name")) if word]
        code = self.meanings.agency_of(names)
        return {"agency_code": code} if code else {"agency_name": _text(tenant, "name")}


class _Names:
    """Gives each machine a name of its own within its agency."""

    def __init__(self, machines: Iterable[_Machine]) -> None:
        self._often = Counter(machine.name.casefold() for machine in machines)
        self._given: Counter[str] = Counter()

    def of(self, machine: _Machine) -> str:
        name = machine.name
        if self._often[name.casefold()] > 1:
            where = machine.site or machine.facts.get("agency_name") or machine.facts.get("agency_code") or ""
            name = f"{name} ({where})" if where else name
        self._given[name.casefold()] += 1
        number = self._given[name.casefold()]
        return name if number == 1 else f"{name} #{number}"


def read_netbox(text: str, meanings: GroupMeanings) -> NetBoxObjects:
    """Read a saved export: a page of the API, or lists and objects of pages. Raise NotSuchAListError."""
    try:
        exported = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotSuchAListError(str(error)) from error
    objects = NetBoxObjects(meanings)
    found = list(_objects(exported, _DEPTH))
    if not any("device_type" in each or "cluster" in each or "address" in each for each in found) and found:
        raise NotSuchAListError("no devices, virtual machines or addresses of NetBox")
    if not found and not (isinstance(exported, dict) and "results" in exported):
        raise NotSuchAListError("no page of results")
    objects.take(found)
    return objects


def _objects(value: object, depth: int) -> Iterator[Json]:
    """Yield the objects with an id, wherever pages and lists of pages hold them."""
    if depth < 0:
        return
    if isinstance(value, dict):
        if "id" in value:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _objects(each, depth - 1)


def _part(each: Json, key: str) -> Json:
    part = each.get(key)
    return part if isinstance(part, dict) else {}


def _text(each: Json, key: str) -> str:
    text = each.get(key)
    return " ".join(text.split())[:_TEXT] if isinstance(text, str) else ""


def _id(each: Json) -> int:
    number = each.get("id")
    return number if isinstance(number, int) else -1


def _address(value: object) -> IPAddress | None:
    written = value.get("address") if isinstance(value, dict) else None
    try:
        return ip_interface(written).ip if isinstance(written, str) else None
    except ValueError:
        return None


def _is_active(each: Json) -> bool:
    """True if the object is in use; one without a status counts as in use."""
    status = _part(each, "status")
    return not status or "active" in (status.get("value"), str(status.get("label")).casefold())


def _tags(each: Json) -> str:
    tags = each.get("tags")
    words = [_text(tag, "slug") if isinstance(tag, dict) else tag for tag in tags] if isinstance(tags, list) else []
    return " ".join(word for word in words if isinstance(word, str) and _TAG.fullmatch(word))
