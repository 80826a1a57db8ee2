"""Tests names of devices as inventories and the devices themselves write them."""

import pytest

from auditor.facts.device.models import SameDevice, same_device

_CATALYST = "Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0(2)SE11"


@pytest.mark.parametrize(
    ("declared", "maker", "model", "described"),
    [
        ("Huawei NE40E", "Huawei", "", "Huawei Versatile Routing Platform Software, NE40E V800R021"),
        ("FortiGate 60F", "Fortinet", "Fortinet FGT_60F", "Firewall Test150"),
        ("FortiGate60F 2019", "Fortinet", "Fortinet FGT_60F", ""),
        ("Switch Cisco Catalyst 2960, 24 cổng", "Cisco", "Cisco WS-C2960-24TT-L", _CATALYST),
        ("Cisco 2960", "Cisco", "", _CATALYST),
        ("Bộ định tuyến Cisco ISR 4331 (2021)", "Cisco", "Cisco ISR4331/K9", "Cisco IOS Software"),
        ("Cisco C2911", "Cisco", "Cisco CISCO2911/K9", ""),
        ("DrayTek Vigor 2925", "DrayTek", "", "DrayTek Corporation, Router Model: Vigor2925 Series"),
        ("Zyxel USG FLEX 100H", "Net-SNMP", "", "USG FLEX 100H"),
        ("Aruba 8360", "Aruba", "Aruba JL721C", "Aruba JL721C 8360-12C v2 Switch LL.10.13.1040"),
        ("HPE 5130", "H3C", "HPE JG937A", "HPE Comware Platform Software, HPE 5130 24G"),
        ("Cisco ASA 5555-X", "Cisco", "cisco Systems Inc. ASA5555", "Cisco Adaptive Security Appliance"),
        ("Juniper SSG5", "NetScreen", "", "SSG5-ISDN version 6.3.0r25.0"),
        ("Cisco HĐ 125", "Cisco", "Cisco ISR4331/K9", "Cisco IOS Software"),
        ("Cisco - QĐ 1250/QĐ-UBND, phòng 301, tủ 102", "Cisco", "Cisco ISR4331/K9", "Cisco IOS Software"),
        ("Cisco S/N: FCZ2130", "Cisco", "Cisco ISR4331/K9", "Cisco IOS Software"),
        ("Cisco 2960 (HĐ 125/2020, tầng 2)", "Cisco", "Cisco WS-C2960-24TT-L", _CATALYST),
    ],
)
def test_one_device(declared: str, maker: str, model: str, described: str) -> None:
    assert same_device(declared, maker, model, described) is SameDevice.YES


@pytest.mark.parametrize(
    ("declared", "maker", "model", "described"),
    [
        ("Cisco 2911", "Cisco", "Cisco ISR4331/K9", "Cisco IOS Software"),
        ("Cisco C9200L-24T-4G", "Cisco", "Cisco C9300L-24T-4G", "Catalyst L3 Switch Software (CAT9K_IOSXE)"),
        ("FortiGate 100F", "Fortinet", "Fortinet FGT_1100F", ""),
        ("Cisco 2911", "MikroTik", "", "RouterOS RB3011UiAS"),
        ("MikroTik RB3011", "MikroTik", "RB4011iGS+", "RouterOS RB4011iGS+"),
        ("Huawei", "Cisco", "", "Cisco IOS Software"),
        ("Cisco 2911 HĐ 125", "Cisco", "Cisco ISR4331/K9", "Cisco IOS Software"),
    ],
)
def test_two_devices(declared: str, maker: str, model: str, described: str) -> None:
    assert same_device(declared, maker, model, described) is SameDevice.NO


@pytest.mark.parametrize(
    ("declared", "maker", "model", "described"),
    [
        ("Router Cisco", "Cisco", "Cisco ISR4331/K9", "Cisco IOS Software"),
        ("FortiGate 60F", "Fortinet", "", "xa-hoa-phu"),
        ("MikroTik hEX", "MikroTik", "RB750Gr3", "RouterOS RB750Gr3"),
        ("Edgecore 4610", "Cumulus Networks", "Cumulus Networks 4.4.2", "Cumulus-Linux 4.4.2"),
        ("EdgeRouter 8", "Ubiquiti", "", "EdgeOS v1.8.0.4853089"),
        ("Cisco 2911", "Net-SNMP", "", "Linux xa-hoa-phu 4.14.38"),
        ("Cisco, mua theo hợp đồng số 125/HĐ-2020", "Cisco", "Cisco ISR4331/K9", "Cisco IOS Software"),
        ("HĐ 125", "Cisco", "Cisco ISR4331/K9", "Cisco IOS Software"),
        ("Thiết bị mạng", None, "", "USP (R) Software"),
    ],
)
def test_not_known(declared: str, maker: str | None, model: str, described: str) -> None:
    assert same_device(declared, maker, model, described) is SameDevice.UNKNOWN
