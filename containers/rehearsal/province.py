"""Assembles the fictional province of Sơn Lâm from `sonlam/`, the one place where hosts and defects are declared.

Each subject has at most one defect, a real configuration. `expected` are the outcomes that CHECKS prescribes for that
defect; `consequences` are checks that may fail with it (a host that cannot be reached cannot be fetched either),
about which the rehearsal makes no promise. A subject without `expected` is healthy: no fail and no warn at all.
"""

from containers.rehearsal.model import Province
from containers.rehearsal.sonlam.agencies import AGENCIES
from containers.rehearsal.sonlam.certificates import CERTIFICATE_STATUS
from containers.rehearsal.sonlam.devices import DEVICES
from containers.rehearsal.sonlam.encryption import LIBRARY_FLAWS, TLS_DEFECTS
from containers.rehearsal.sonlam.exchangers import MAIL_HOSTS
from containers.rehearsal.sonlam.machines import MACHINES
from containers.rehearsal.sonlam.mail_zoo import MAIL_ZOO
from containers.rehearsal.sonlam.mails import MAILS
from containers.rehearsal.sonlam.pages import CHALLENGED, EDGE, FILTERED, HTTP3, LARGE, PAGE_DEFECTS, QUIRKY
from containers.rehearsal.sonlam.paths import PATH_DEFECTS
from containers.rehearsal.sonlam.portals import NAME_DEFECTS, PORTALS
from containers.rehearsal.sonlam.resolvers import RESOLVERS
from containers.rehearsal.sonlam.routes import ROUTING_DEFECTS
from containers.rehearsal.sonlam.zones import ZONES

PROVINCE = Province(
    domain="sonlam.gov.vn",
    agencies=AGENCIES,
    # Additions at the end: addresses are numbered by position.
    portals=(
        *PORTALS,
        *TLS_DEFECTS,
        *PATH_DEFECTS,
        *ROUTING_DEFECTS,
        *NAME_DEFECTS,
        *PAGE_DEFECTS,
        *FILTERED,
        *CERTIFICATE_STATUS,
        *HTTP3,
        *LARGE,
        *CHALLENGED,
        *QUIRKY,
        EDGE,
        *LIBRARY_FLAWS,
    ),
    zones=ZONES,
    mails=(*MAILS, *MAIL_HOSTS, *MAIL_ZOO),
    machines=MACHINES,
    devices=DEVICES,
    resolvers=RESOLVERS,
)
