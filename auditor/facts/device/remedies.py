"""Lists each maker's commands that fix the findings of checks of devices (msgctxt ``fix.<vendor>``).

Words in capitals are placeholders for the operator's own values. Only commands from the makers' documentation are
listed: a check without an entry has no command of that maker. Steps are separated by semicolons.
"""

from collections.abc import Mapping

from auditor.facts.device import remedies_snmp

PRODUCTS: Mapping[str, str] = {
    "cisco": "Cisco IOS XE",
    "huawei": "Huawei VRP",
    "juniper": "Junos",
    "mikrotik": "MikroTik RouterOS",
    "fortinet": "FortiGate",
    "netsnmp": "Linux",
}
_FORTI = "config system interface; edit NAME; config ipv6; {}; end; end"


def _forti(line: str) -> str:
    return _FORTI.format(line)


def of(check: str) -> Mapping[str, str]:
    """Return the texts of a check, by vendor."""
    return {vendor: f"On {PRODUCTS[vendor]}: {commands}." for vendor, commands in _COMMANDS[check].items()}


_COMMANDS: Mapping[str, Mapping[str, str]] = {
    **remedies_snmp.COMMANDS,
    "identity": {
        "cisco": "show version; show inventory",
        "huawei": "display version; display device",
        "juniper": "show version; show chassis hardware",
        "mikrotik": "/system resource print; /system routerboard print",
        "fortinet": "get system status",
        "netsnmp": "sysDescr TEXT in snmpd.conf",
    },
    "mib-coverage": {
        "cisco": "snmp-server view VIEW 1.3.6.1.2.1.4 included",
        "huawei": "snmp-agent mib-view included VIEW 1.3.6.1.2.1.4",
        "juniper": "set snmp view VIEW oid .1.3.6.1.2.1.4 include",
        "mikrotik": "/system package update install",
        "fortinet": "upgrade FortiOS to a release with IPv6 in IP-MIB",
        "netsnmp": "view VIEW included .1.3.6.1.2.1.4 in snmpd.conf",
    },
    "if-enabled": {
        "cisco": "interface NAME; ipv6 enable; ipv6 address ADDRESS/64",
        "huawei": "system-view; ipv6; interface NAME; ipv6 enable; ipv6 address ADDRESS 64",
        "juniper": "set interfaces NAME unit 0 family inet6 address ADDRESS/64; commit",
        "mikrotik": "/ipv6 settings set disable-ipv6=no; /ipv6 address add address=ADDRESS/64 interface=NAME",
        "fortinet": _forti("set ip6-mode static; set ip6-address ADDRESS/64"),
        "netsnmp": "sysctl -w net.ipv6.conf.NAME.disable_ipv6=0",
    },
    "forwarding": {
        "cisco": "ipv6 unicast-routing; on a switch for users: no ipv6 unicast-routing",
        "huawei": "system-view; ipv6; on a switch for users, on every interface but that of management: interface NAME;"
        " undo ipv6 enable",
        "juniper": "set interfaces NAME unit 0 family inet6; commit",
        "mikrotik": "/ipv6 settings set forward=yes; on a switch for users: forward=no",
        "fortinet": "config firewall policy; edit 0; set srcintf LAN; set dstintf WAN; set srcaddr6 all; set"
        " dstaddr6 all; set action accept; set schedule always; set service ALL; end",
        "netsnmp": "sysctl -w net.ipv6.conf.all.forwarding=1; on a host: =0",
    },
    "global-address": {
        "cisco": "interface NAME; ipv6 address ADDRESS/64",
        "huawei": "interface NAME; ipv6 enable; ipv6 address ADDRESS 64",
        "juniper": "set interfaces NAME unit 0 family inet6 address ADDRESS/64; commit",
        "mikrotik": "/ipv6 address add address=ADDRESS/64 interface=NAME",
        "fortinet": _forti("set ip6-address ADDRESS/64"),
        "netsnmp": "ip -6 address add ADDRESS/64 dev NAME",
    },
    "address-state": {
        "cisco": "show ipv6 interface NAME; interface NAME; no ipv6 address autoconfig; ipv6 address ADDRESS/64",
        "huawei": "display ipv6 interface NAME; interface NAME; undo ipv6 address auto global; ipv6 address ADDRESS 64",
        "juniper": "show interfaces NAME extensive; set interfaces NAME unit 0 family inet6 address ADDRESS/64; commit",
        "mikrotik": "/ipv6 settings set accept-router-advertisements=no; /ipv6 address add address=ADDRESS/64"
        " interface=NAME",
        "fortinet": _forti("set autoconf disable; set ip6-mode static; set ip6-address ADDRESS/64"),
        "netsnmp": "sysctl -w net.ipv6.conf.NAME.use_tempaddr=0 net.ipv6.conf.NAME.autoconf=0; ip -6 address show NAME",
    },
    "prefix-length": {
        "cisco": "interface NAME; no ipv6 address ADDRESS/OLD; ipv6 address ADDRESS/NEW",
        "huawei": "interface NAME; undo ipv6 address ADDRESS OLD; ipv6 address ADDRESS NEW",
        "juniper": "delete interfaces NAME unit 0 family inet6 address ADDRESS/OLD; set interfaces NAME unit 0"
        " family inet6 address ADDRESS/NEW; commit",
        "mikrotik": "/ipv6 address set [find interface=NAME global] address=ADDRESS/NEW",
        "fortinet": _forti("set ip6-address ADDRESS/NEW"),
        "netsnmp": "ip -6 address del ADDRESS/OLD dev NAME; ip -6 address add ADDRESS/NEW dev NAME",
    },
    "plan-conformance": {
        "cisco": "interface NAME; no ipv6 address OLD/64; ipv6 address NEW/64",
        "huawei": "interface NAME; undo ipv6 address OLD 64; ipv6 address NEW 64",
        "juniper": "delete interfaces NAME unit 0 family inet6 address OLD/64; set interfaces NAME unit 0 family inet6"
        " address NEW/64; commit",
        "mikrotik": "/ipv6 address remove [find address=OLD/64]; /ipv6 address add address=NEW/64 interface=NAME",
        "fortinet": _forti("set ip6-address NEW/64"),
        "netsnmp": "ip -6 address del OLD/64 dev NAME; ip -6 address add NEW/64 dev NAME",
    },
    "default-route": {
        "cisco": "ipv6 route ::/0 NAME NEXT-HOP",
        "huawei": "ipv6 route-static :: 0 NAME NEXT-HOP",
        "juniper": "set routing-options rib inet6.0 static route ::/0 next-hop NEXT-HOP; commit",
        "mikrotik": "/ipv6 route add dst-address=::/0 gateway=NEXT-HOP",
        "fortinet": "config router static6; edit 0; set dst ::/0; set gateway NEXT-HOP; set device NAME; end",
        "netsnmp": "ip -6 route add default via NEXT-HOP dev NAME",
    },
    "neighbours": {
        "cisco": "show ipv6 neighbors; show ipv6 interface NAME",
        "huawei": "display ipv6 neighbors; display ipv6 interface NAME",
        "juniper": "show ipv6 neighbors; show ipv6 router-advertisement",
        "mikrotik": "/ipv6 neighbor print; /ipv6 nd print",
        "fortinet": "diagnose ipv6 neighbor-cache list",
        "netsnmp": "ip -6 neigh show",
    },
    "traffic": {
        "cisco": "show ipv6 traffic; show interfaces accounting",
        "huawei": "display ipv6 statistics",
        "juniper": "set forwarding-options family inet6 route-accounting; commit; show interfaces NAME extensive",
        "mikrotik": "/tool torch interface=NAME src-address6=::/0",
        "fortinet": "diagnose sys session6 stat",
        "netsnmp": "nstat -az Ip6InOctets Ip6OutOctets",
    },
    "errors": {
        "cisco": "show ipv6 traffic; show ipv6 route",
        "huawei": "display ipv6 statistics; display ipv6 routing-table",
        "juniper": "show system statistics ip6; show route table inet6.0",
        "mikrotik": "/ipv6 route print; /interface print stats",
        "fortinet": "get router info6 routing-table",
        "netsnmp": "nstat -az Ip6InNoRoutes Ip6InHdrErrors Ip6FragFails; ip -6 route show",
    },
    "ra-config": {
        "cisco": "interface NAME; no ipv6 nd ra suppress; where there should be none: ipv6 nd ra suppress all",
        "huawei": "interface NAME; undo ipv6 nd ra halt; where there should be none: ipv6 nd ra halt",
        "juniper": "set protocols router-advertisement interface NAME.0 prefix PREFIX/64; where there should be none:"
        " delete protocols router-advertisement interface NAME.0; commit",
        "mikrotik": "/ipv6 nd add interface=NAME; where there should be none: /ipv6 nd disable [find interface=NAME]",
        "fortinet": _forti("set ip6-send-adv enable") + "; where there should be none: set ip6-send-adv disable",
        "netsnmp": "AdvSendAdvert on in radvd.conf, for this interface; where there should be none: off",
    },
    "igp-v6": {
        "cisco": "ipv6 router ospf 1; interface NAME; ipv6 ospf 1 area 0; show ipv6 ospf neighbor",
        "huawei": "ospfv3 1; router-id ID; interface NAME; ospfv3 1 area 0; display ospfv3 peer",
        "juniper": "set protocols ospf3 area 0.0.0.0 interface NAME.0; commit; show ospf3 neighbor",
        "mikrotik": "/routing ospf instance add name=v3 version=3 router-id=ID; /routing ospf area add name=v3-0"
        " instance=v3; /routing ospf interface-template add interfaces=NAME area=v3-0",
        "fortinet": "config router ospf6; set router-id ID; config area; edit 0.0.0.0; next; end; config"
        " ospf6-interface; edit NAME; set interface NAME; set area-id 0.0.0.0; end; end",
        "netsnmp": "in vtysh: router ospf6; interface NAME; ipv6 ospf6 area 0.0.0.0; show ipv6 ospf6 neighbor",
    },
    "bgp-v6": {
        "cisco": "router bgp AS; neighbor PEER remote-as AS; address-family ipv6 unicast; neighbor PEER activate",
        "huawei": "bgp AS; peer PEER as-number AS; ipv6-family unicast; peer PEER enable",
        "juniper": "set protocols bgp group NAME family inet6 unicast; set protocols bgp group NAME neighbor"
        " PEER peer-as AS; commit",
        "mikrotik": "/routing bgp connection print detail; /routing bgp session print",
        "fortinet": "config router bgp; config neighbor; edit PEER; set remote-as AS; set activate6 enable; end; end",
        "netsnmp": "in vtysh: router bgp AS; neighbor PEER remote-as AS; address-family ipv6 unicast; neighbor PEER"
        " activate",
    },
    "mgmt-v6": {
        "cisco": "ipv6 access-list MGMT; permit ipv6 PREFIX any; line vty 0 15; ipv6 access-class MGMT in;"
        " snmp-server group GROUP v3 priv access ipv6 MGMT",
        "huawei": "ssh ipv6 server-source all-interface; snmp-agent protocol source-status ipv6 all-interface; acl ipv6"
        " 2001; rule permit source PREFIX LENGTH; user-interface vty 0 4; acl ipv6 2001 inbound",
        "juniper": "set system services ssh; set snmp interface NAME.0; commit",
        "mikrotik": "/snmp set enabled=yes; /ip service set ssh address=PREFIX",
        "fortinet": _forti("set ip6-allowaccess ping ssh snmp"),
        "netsnmp": "agentAddress udp:161,udp6:161 in snmpd.conf; ListenAddress :: in sshd_config",
    },
    "lldp-topology": {
        "cisco": "show lldp neighbors detail; show cdp neighbors detail",
        "huawei": "display lldp neighbor",
        "juniper": "show lldp neighbors",
        "mikrotik": "/ip neighbor print detail",
        "fortinet": "diagnose lldprx neighbor summary",
        "netsnmp": "lldpcli show neighbors details",
    },
    "tunnels": {
        "cisco": "no interface TunnelNUMBER",
        "huawei": "undo interface Tunnel NUMBER",
        "juniper": "delete interfaces NAME unit NUMBER; commit",
        "mikrotik": "/interface 6to4 remove [find name=NAME]",
        "fortinet": "config system sit-tunnel; delete NAME; end",
        "netsnmp": "ip link delete NAME",
    },
    "ra-guard": {
        "cisco": "ipv6 nd raguard policy HOST; device-role host; exit; ipv6 dhcp guard policy CLIENT;"
        " device-role client; exit; interface NAME; ipv6 nd raguard attach-policy HOST; ipv6 dhcp guard attach-policy"
        " CLIENT",
        "huawei": "interface NAME; nd raguard role host; on ports to routers: nd raguard role router",
        "juniper": "set forwarding-options access-security router-advertisement-guard interface NAME mark-interface"
        " block; commit",
        "mikrotik": "/interface bridge settings set use-ip-firewall=yes; /ipv6 firewall raw add chain=prerouting"
        " in-bridge-port=NAME protocol=icmpv6 icmp-options=134:0-255 action=drop",
        "netsnmp": "nft add rule bridge filter forward iifname NAME icmpv6 type nd-router-advert drop",
    },
    "capability": {
        "cisco": "show version; show ipv6 interface brief",
        "huawei": "display version; display ipv6 interface brief",
        "juniper": "show version; show interfaces terse",
        "mikrotik": "/system package print; /ipv6 address print",
        "fortinet": "get system status; diagnose ipv6 address list",
        "netsnmp": "uname -r; ip -6 address show",
    },
}
