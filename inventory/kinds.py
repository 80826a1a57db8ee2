"""Maps the words people write for kinds, networks, clearances and unit levels; and lists the services of each kind."""

from collections.abc import Mapping
from functools import cache
from typing import TypeVar

from inventory.model import DEVICE_KINDS, SERVICE_PORTS, WEB_KINDS, Clearance, Kind, Network, Service
from inventory.word_matching import fold

ROW_KINDS: tuple[Kind, ...] = tuple(kind for kind in Kind if kind is not Kind.UNIT)

KIND_SPELLINGS: Mapping[Kind, str] = {
    Kind.PORTAL: "cổng; cổng thông tin; cổng thông tin điện tử; cổng TTĐT; trang TTĐT; trang thông tin điện tử; "
    "trang thông tin; website; web; trang web; cổng/trang TTĐT; cổng/trang thông tin điện tử; cổng TTĐT thành phần",
    Kind.DVC: "dịch vụ công; dịch vụ công trực tuyến; cổng dịch vụ công; DVCTT; cổng DVC; DVC trực tuyến; một cửa; "
    "một cửa điện tử; hệ thống một cửa điện tử; hệ thống thông tin giải quyết TTHC",
    Kind.COMMUNE_SITE: "trang xã; trang TTĐT xã; trang thông tin điện tử xã; cổng TTĐT xã; trang TTĐT cấp xã; "
    "cổng thông tin điện tử xã; trang thông tin điện tử cấp xã; trang phường; trang TTĐT phường; commune site",
    Kind.API: "dịch vụ API; giao diện lập trình; giao diện lập trình API; LGSP; trục tích hợp",
    Kind.ZONE: "tên miền; vùng tên miền; domain; dns zone; miền",
    Kind.MAIL: "thư điện tử; thư; email; e-mail; máy chủ thư; hệ thống thư; hệ thống thư điện tử; mail domain; "
    "tên miền thư điện tử",
    Kind.ROUTER: "bộ định tuyến; thiết bị định tuyến; định tuyến; core router; router biên; thiết bị router",
    Kind.SWITCH: "bộ chuyển mạch; thiết bị chuyển mạch; chuyển mạch; chuyển mạch lõi; core switch; switch core; "
    "switch lõi; switch phân phối; distribution switch",
    Kind.ACCESS_SWITCH: "switch access; switch truy cập; switch truy nhập; switch tầng; "
    "chuyển mạch truy nhập; chuyển mạch truy cập; bộ chuyển mạch truy nhập; "
    "bộ chuyển mạch truy cập; thiết bị chuyển mạch truy cập",
    Kind.FIREWALL: "tường lửa; thiết bị tường lửa; fw; utm; ngfw; thiết bị firewall",
    Kind.CONNECTION_POINT: "điểm kết nối; điểm kết nối TSLCD; điểm TSLCD; điểm đấu nối; điểm truy nhập; point; "
    "điểm kết nối mạng TSLCD; điểm kết nối mạng truyền số liệu chuyên dùng",
    Kind.DATACENTRE: "datacenter; data center; data centre; dc; trung tâm dữ liệu; TTDL; "
    "trung tâm tích hợp dữ liệu; TTTHDL",
    Kind.RESOLVER: "máy chủ phân giải; máy chủ phân giải tên miền; dns resolver; phân giải tên miền",
    Kind.HOST: "server; máy chủ; máy tính; thiết bị khác; khác; other",
}
NETWORK_SPELLINGS: Mapping[Network, str] = {
    Network.INTERNET: "mạng internet; inet; công cộng; public",
    Network.TSLCD: "mạng TSLCD; truyền số liệu chuyên dùng; mạng truyền số liệu chuyên dùng; tslcd cấp II; CPNet",
}
CLEARANCE_SPELLINGS: Mapping[Clearance, str] = {
    Clearance.PASSIVE: "thụ động",
    Clearance.NORMAL: "thường; bình thường; thông thường",
    Clearance.INTRUSIVE: "chủ động; xâm nhập; chuyên sâu",
}
LEVEL_SPELLINGS: Mapping[str, str] = {
    "province": "tỉnh; cấp tỉnh; thành phố trực thuộc trung ương; UBND tỉnh",
    "department": "sở; ban; ngành; sở ngành; sở, ban, ngành; cấp sở",
    "commune": "xã; phường; đặc khu; cấp xã; UBND xã; UBND phường; xã/phường; xã, phường; thị trấn",
}


W = TypeVar("W", bound=str)


def _words(table: Mapping[W, str]) -> Mapping[str, W]:
    found = {fold(value): value for value in table}
    for value, names in table.items():
        found.update({fold(name): value for name in names.split(";")})
    return found


KIND_WORDS = _words(KIND_SPELLINGS)
NETWORK_WORDS = _words(NETWORK_SPELLINGS)
CLEARANCE_WORDS = _words(CLEARANCE_SPELLINGS)
LEVEL_WORDS = _words(LEVEL_SPELLINGS)


def _serving(*names: str) -> tuple[Service, ...]:
    return tuple(Service(name=name, port=SERVICE_PORTS[name]) for name in names)


@cache
def default_services(kind: Kind) -> tuple[Service, ...]:
    """Return the services that a subject of this kind is expected to have when its row names none."""
    if kind in WEB_KINDS:
        return _serving("http", "https", "http-alt", "https-alt")
    if kind in DEVICE_KINDS:
        return _serving("snmp", "ssh")
    if kind in (Kind.ZONE, Kind.RESOLVER):
        return _serving("dns")
    return ()
