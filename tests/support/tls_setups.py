"""Finds the TLS servers of the rehearsal that have the same setup, except for the chain that they send."""

from containers.rehearsal.addressing import lay_out
from containers.rehearsal.model import SmtpBehaviour, TlsSetup
from containers.rehearsal.province import PROVINCE
from probes.observations.tls import TlsSupport

Setup = tuple[object, ...]

_LAYOUT = lay_out(PROVINCE)
_PECULIAR = ("quirk", "flaw", "hijacked")
_PECULIAR_V6 = (
    *("published_v6", "silent_v6", "slow_v6", "mute_v6", "minimum_lost"),
    *("icmp6_lost", "clamped", "second_lost", "full_lost"),
)
"""Attributes of a portal that make its server, or the path to it over IPv6, different from the usual one."""
_PORTALS = {PROVINCE.fqdn(portal.label): portal for portal in PROVINCE.portals}
_EXCHANGERS = {
    f"{exchanger.label}.{PROVINCE.fqdn(mail.label)}": exchanger
    for mail in PROVINCE.mails
    for exchanger in mail.exchangers
    if not exchanger.postfix and not exchanger.silent_v6
}


def setup(support: TlsSupport) -> Setup:
    """Return equal values for places with the same program, the same settings and the same kind of path."""
    name, address = support.server_name or "", support.address
    if support.port == 443 and name in _PORTALS and address in _LAYOUT.portals[name].every():
        portal = _PORTALS[name]
        face = (address.version == 6 and portal.face_v6) or portal.face
        peculiar = (*_PECULIAR, *(_PECULIAR_V6 if address.version == 6 else ()))
        if face.tls is TlsSetup.GOOD and not any(getattr(portal, trait) for trait in peculiar):
            return "portal", portal.site, face.certificate, address.version
    if support.port == 25 and name in _EXCHANGERS and address in _LAYOUT.exchangers[name].every():
        exchanger = _EXCHANGERS[name]
        listener = (address.version == 6 and exchanger.face_v6) or exchanger.face
        if listener.tls is TlsSetup.GOOD and listener.smtp is SmtpBehaviour.GOOD:
            return "exchanger", listener.certificate, address.version
    return address, support.port, name
