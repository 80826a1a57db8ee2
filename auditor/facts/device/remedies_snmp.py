"""Lists each maker's commands that fix SNMP itself (see ``remedies``)."""

from collections.abc import Mapping

COMMANDS: Mapping[str, Mapping[str, str]] = {
    "default-community": {
        "cisco": "no snmp-server community public; no snmp-server community private",
        "huawei": "undo snmp-agent community public; undo snmp-agent community private",
        "juniper": "delete snmp community public; delete snmp community private; commit",
        "mikrotik": "/snmp community set [find name=public] name=NAME security=private authentication-password=KEY"
        " encryption-password=KEY",
        "fortinet": "config system snmp community; show; delete ID; end",
        "netsnmp": "delete the lines with public and private in snmpd.conf; systemctl restart snmpd",
    },
    "exposed": {
        "cisco": "ipv6 access-list SNMP; permit udp PREFIX any eq snmp; deny udp any any eq snmp; permit ipv6 any any;"
        " interface NAME; ipv6 traffic-filter SNMP in; likewise for IPv4",
        "huawei": "undo snmp-agent protocol source-status all-interface; undo snmp-agent protocol source-status ipv6"
        " all-interface; snmp-agent protocol source-interface NAME",
        "juniper": "set snmp interface NAME.0; commit",
        "mikrotik": "/ipv6 firewall filter add chain=input protocol=udp dst-port=161 src-address=!PREFIX action=drop;"
        " likewise for IPv4",
        "fortinet": "config system interface; edit NAME; set allowaccess ping; config ipv6; set ip6-allowaccess ping;"
        " end; end",
        "netsnmp": "agentAddress udp:ADDRESS:161,udp6:[ADDRESS]:161 in snmpd.conf; nft add rule inet filter input ip6"
        " saddr != PREFIX udp dport 161 drop",
    },
    "v1v2-off": {
        "cisco": "show snmp community; no snmp-server community NAME",
        "huawei": "undo snmp-agent sys-info version v1 v2c; undo snmp-agent community NAME",
        "juniper": "delete snmp community NAME; commit",
        "mikrotik": "/snmp community set [find] security=private authentication-protocol=SHA1"
        " authentication-password=KEY encryption-protocol=AES encryption-password=KEY",
        "fortinet": "config system snmp community; edit ID; set query-v1-status disable; set query-v2c-status disable;"
        " end",
        "netsnmp": "delete rocommunity, rocommunity6, rwcommunity, rwcommunity6 and com2sec in snmpd.conf; systemctl"
        " restart snmpd",
    },
    "v3": {
        "cisco": "snmp-server group GROUP v3 priv read VIEW; snmp-server user USER GROUP v3 auth sha-2 256 KEY priv aes"
        " 128 KEY",
        "huawei": "snmp-agent group v3 GROUP privacy read-view VIEW; snmp-agent usm-user v3 USER group GROUP;"
        " snmp-agent usm-user v3 USER authentication-mode sha2-256; snmp-agent usm-user v3 USER privacy-mode aes128",
        "juniper": "set snmp v3 usm local-engine user USER authentication-sha256 authentication-password KEY; set snmp"
        " v3 usm local-engine user USER privacy-aes128 privacy-password KEY; commit",
        "mikrotik": "/snmp community set [find name=NAME] security=private authentication-protocol=SHA1"
        " authentication-password=KEY encryption-protocol=AES encryption-password=KEY",
        "fortinet": "config system snmp user; edit USER; set security-level auth-priv; set auth-proto sha256; set"
        " auth-pwd KEY; set priv-proto aes; set priv-pwd KEY; end",
        "netsnmp": "createUser USER SHA-256 KEY AES KEY and rouser USER priv in snmpd.conf; systemctl restart snmpd",
    },
    "write-access": {
        "cisco": "show snmp group; no snmp-server community NAME; no snmp-server group GROUP v3 priv; snmp-server"
        " group GROUP v3 priv read VIEW",
        "huawei": "undo snmp-agent community NAME; undo snmp-agent group v3 GROUP privacy; snmp-agent group v3 GROUP"
        " privacy read-view VIEW",
        "juniper": "set snmp community NAME authorization read-only; delete snmp v3 vacm access group GROUP"
        " default-context-prefix security-model usm security-level privacy write-view; commit",
        "mikrotik": "/snmp community set [find] write-access=no",
        "netsnmp": "rouser in place of rwuser, and neither rwcommunity nor rwcommunity6, in snmpd.conf; systemctl"
        " restart snmpd",
    },
}
