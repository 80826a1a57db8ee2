"""Lists the tags that a check or a probe reads and their meaning, for the table reader and the reference document.

Any other tag is kept as written. A test compares this table with every tag that the program reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from inventory.tables.display_names import DisplayNames


@dataclass(frozen=True, slots=True)
class TagGuide:
    """Describes a tag: its forms as they are written (``KEY=EXAMPLE``, or a word) and its meaning."""

    written: tuple[str, ...]
    meaning: DisplayNames


def _tag(written: str, en: str, vi: str) -> TagGuide:
    return TagGuide(tuple(written.split()), DisplayNames(vi, en))


_GROUPS: tuple[TagGuide, ...] = (
    # Mail and names.
    _tag(
        "dkim=s2026",
        "a DKIM selector of a mail domain; repeatable",
        "bộ chọn DKIM của tên miền thư; ghi được nhiều lần",
    ),
    _tag(
        "sender=2001:db8:25::10",
        "an address that sends the domain's mail; repeatable",
        "địa chỉ gửi thư của tên miền; ghi được nhiều lần",
    ),
    _tag(
        "answers-vary",
        "a zone whose servers answer by place or in turn: only SOA, NS and DNSKEY are compared",
        "máy chủ tên miền trả lời theo vị trí hoặc luân phiên: chỉ so SOA, NS và DNSKEY",
    ),
    _tag("anycast", "an address that stands in several places", "địa chỉ đặt ở nhiều nơi (anycast)"),
    _tag(
        "dns64",
        "a resolver that makes up AAAA records with right",
        "máy chủ phân giải được phép tạo bản ghi AAAA (DNS64)",
    ),
    _tag("public-resolver", "it resolves for everybody on purpose", "chủ ý phân giải tên miền cho mọi người"),
    _tag("needs-fragments", "a service that needs large UDP answers", "dịch vụ cần gói UDP lớn, phải phân mảnh được"),
    # Services and exposure.
    _tag(
        "jump-host",
        "management ports are open here on purpose",
        "máy trung gian quản trị: cổng quản trị được mở có chủ ý",
    ),
    _tag("public-ftp", "FTP without sign-in, meant for everybody", "FTP công khai, không cần đăng nhập"),
    _tag("no-echo", "it does not answer echo, by policy", "không trả lời ping theo quy định"),
    _tag(
        "ipv4-only",
        "it has no IPv6 by decision: any IPv6 on it is a finding",
        "chỉ dùng IPv4 theo quyết định: có IPv6 là sai",
    ),
    _tag(
        "tunnel tunnel=tun0",
        "a tunnel that is meant; with its interface on a device",
        "đường hầm có chủ ý; trên thiết bị thì ghi tên giao diện",
    ),
    _tag(
        "maintenance=2026-11-30T22:00+07:00/2026-12-01T02:00+07:00",
        "announced work: what is measured meanwhile counts not",
        "thời gian bảo trì đã thông báo: kết quả đo trong lúc đó không tính",
    ),
    _tag(
        "non-critical",
        "a system of TSLCD that only warns where it does not answer",
        "hệ thống không thiết yếu: không trả lời thì chỉ cảnh báo",
    ),
    _tag("outside-by-design", "hosted outside TSLCD on purpose", "chủ ý đặt ngoài mạng TSLCD"),
    _tag("state-secrets", "the system carries state secrets", "hệ thống xử lý bí mật nhà nước"),
    _tag(
        "level-decision=15/QĐ-UBND",
        "the decision on the security level, or none",
        "quyết định phê duyệt cấp độ an toàn, hoặc none",
    ),
    _tag(
        "level-review=2027-06-30", "the date of the next review of the security level", "ngày rà soát cấp độ tiếp theo"
    ),
    # Connection points and channels.
    _tag(
        "parent=NUT-01",
        "the node through which it is connected: id or name of its row",
        "nút mạng mà nó kết nối qua: mã hoặc tên của dòng đó",
    ),
    _tag("secondary", "a connection point that is not the unit's primary one", "điểm kết nối phụ của đơn vị"),
    _tag(
        "satellite",
        "a connection point behind a satellite: its delay is not judged",
        "điểm kết nối qua vệ tinh: không xét độ trễ",
    ),
    _tag(
        "route=bac",
        "the physical direction of a channel; one for each",
        "hướng vật lý của kênh truyền; mỗi kênh một nhãn",
    ),
    _tag("medium=fibre", "what a channel is made of", "môi trường truyền của kênh"),
    _tag("vrf=vpn-a", "the routing table that the address is in", "bảng định tuyến (VRF) chứa địa chỉ"),
    _tag("prefix=2001:db8:c1::/48", "a block of addresses of the row's agency", "khối địa chỉ của đơn vị"),
    _tag(
        "device-class=2 device-class=l3",
        "class 1 or 2 of Appendix I, and whether a switch works at layer 2 or 3",
        "loại thiết bị 1 hoặc 2 theo Phụ lục I; bộ chuyển mạch lớp 2 (l2) hay lớp 3 (l3)",
    ),
    _tag("spec=BBNT-12", "the acceptance record of the device", "biên bản nghiệm thu thiết bị"),
    _tag("no-ipv6", "a device that cannot do IPv6", "thiết bị không hỗ trợ IPv6"),
    _tag(
        "internet-gateway=4 internet-gateway=6",
        "a data centre's declared way to the Internet, by family",
        "trung tâm dữ liệu có cổng ra Internet đã khai báo, riêng IPv4 và IPv6",
    ),
    _tag(
        "cbdtw=2026-10:2026-11-02",
        "when the data of a month were received, none, or no-right",
        "ngày nhận số liệu của tháng; none nếu không có; no-right nếu không có quyền",
    ),
    _tag("cbdtw-differ=0.02", "the share of points where the received data differ", "tỷ lệ điểm có số liệu khác nhau"),
    # Devices.
    _tag(
        "wan=eth0",
        "an uplink, by ifName, ifDescr or ifAlias; repeatable",
        "cổng nối lên mạng trên (ifName, ifDescr, ifAlias)",
    ),
    _tag("lan=vlan10", "a network of users", "mạng của người dùng"),
    _tag("loopback=Loopback0", "a loopback interface", "giao diện loopback"),
    _tag(
        "uplink=Gi1/0/48",
        "a port of an access switch that leads to a router",
        "cổng bộ chuyển mạch nối về bộ định tuyến",
    ),
    _tag("no-access-ports", "a switch without ports for users", "bộ chuyển mạch không có cổng người dùng"),
    _tag(
        "slaac=vlan10",
        "an interface whose hosts take their addresses from advertisements",
        "giao diện có máy tự lấy địa chỉ (SLAAC)",
    ),
    _tag(
        "dhcpv6=vlan10",
        "an interface whose hosts take their addresses by DHCPv6",
        "giao diện có máy lấy địa chỉ qua DHCPv6",
    ),
    _tag("no-ra=vlan20", "an interface that must not advertise a router", "giao diện không được quảng bá router (RA)"),
    _tag(
        "igp=ospfv3",
        "the routing protocol inside: ospfv3, isis or static",
        "giao thức định tuyến nội bộ: ospfv3, isis hoặc static",
    ),
    _tag("igp-neighbours=2", "how many neighbours it has in it", "số láng giềng của giao thức đó"),
    _tag("bgp=2001:db8:ff::1", "an IPv6 peer of BGP, or none", "láng giềng BGP IPv6, hoặc none"),
    _tag(
        "aggregate=2001:db8::/32",
        "the route that leads out where there is no default route",
        "tuyến ra ngoài khi không có tuyến mặc định",
    ),
    _tag("no-default-route", "a router that needs no default route", "bộ định tuyến không cần tuyến mặc định"),
    _tag(
        "neighbour=SW-02",
        "a device that may stand at the other end of a link",
        "thiết bị được phép ở đầu kia của liên kết",
    ),
    _tag("transparent", "a firewall in transparent mode", "tường lửa chạy ở chế độ trong suốt"),
    _tag("vrrp-backup", "a router that stands by for another", "bộ định tuyến dự phòng VRRP"),
    _tag("mgmt-v4-only", "managed over only IPv4, by policy", "chỉ quản trị qua IPv4 theo quy định"),
    _tag("bought=2019-05-30", "the day of purchase", "ngày mua thiết bị"),
    _tag(
        "ipv6-capable=yes ipv6-capable=no",
        "what the owner says about IPv6 on the model",
        "chủ quản khai thiết bị có hỗ trợ IPv6 không",
    ),
    _tag(
        "ipv6-evidence=datasheet.pdf", "a document that the model does IPv6", "tài liệu chứng minh thiết bị hỗ trợ IPv6"
    ),
    _tag("not-facing", "connected neither to the Internet nor to TSLCD", "không nối Internet, không nối TSLCD"),
    _tag(
        "ra-guard=on ra-guard=some ra-guard=off",
        "what is so where SNMP does not show RA-Guard",
        "tình trạng RA-Guard khi SNMP không cho biết",
    ),
    _tag(
        "snmp-v2c-until=2027-06-30", "SNMP version 2c is allowed until then", "được dùng SNMP phiên bản 2c đến ngày này"
    ),
    # Networks of users.
    _tag(
        "ra=fe80::1",
        "a router that may advertise itself at the site: link-local or MAC address",
        "router được phép quảng bá tại địa điểm: địa chỉ link-local hoặc MAC",
    ),
    _tag(
        "ra-prefix=2001:db8:1::/64",
        "a prefix that may be advertised at the site",
        "tiền tố được phép quảng bá tại địa điểm",
    ),
    _tag("dhcpv6-server=fe80::2", "a DHCPv6 server of the site", "máy chủ DHCPv6 tại địa điểm"),
    _tag("no-dhcpv6", "a site where no DHCPv6 server may be", "địa điểm không được có máy chủ DHCPv6"),
)
TAGS: Mapping[str, TagGuide] = {guide.written[0].partition("=")[0]: guide for guide in _GROUPS}
"""Guides by the word, or the word before the equals sign."""
TAG_WORDS = frozenset(name for name, guide in TAGS.items() if any("=" not in form for form in guide.written))
TAG_KEYS = frozenset(name for name, guide in TAGS.items() if any("=" in form for form in guide.written))
