"""Makes golden cases with a defect, and with a cut-off probe that might have excused it.

Each is a failing case of another module, with that probe started but not finished.
"""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address

from inventory.model import Endpoint
from probes.framework.evidence import Failure, FailureKind
from tests.golden import (
    cases_filters,
    cases_flows,
    cases_http3,
    cases_landing,
    cases_one_prefix,
    cases_pages,
    cases_ports,
    cases_routers,
    cases_security,
    cases_tls,
    cases_tslcd,
    cases_tslcd_sites,
    cases_web,
    lab,
)
from tests.golden.case import Case
from tests.golden.lab import V4, V6, V6B

_MODULES = (
    cases_filters,
    cases_flows,
    cases_http3,
    cases_landing,
    cases_one_prefix,
    cases_pages,
    cases_ports,
    cases_routers,
    cases_security,
    cases_tls,
    cases_tslcd,
    cases_tslcd_sites,
    cases_web,
)
_POINT = "10.64.3.1"
_WHAT: tuple[tuple[str, str, str, str], ...] = (
    ("ipv6.path.echo", "SILENT", "tcp", V6),
    ("ipv6.path.large-transfer", "STALLS-our-tunnel-fitted", "icmp6", V6),
    ("ipv6.path.large-transfer", "STALLS_LATE", "icmp6", V6),
    ("ipv6.path.loss-rtt-parity", "LOSES_MORE", "icmp6", V4),
    ("ipv6.path.loss-rtt-parity", "LOSES_FAR_MORE", "icmp6", V6),
    ("ipv6.path.min-mtu", "MINIMUM_LOST-other-sites", "full_segments", V6),
    ("ipv6.path.pmtud", "LATE", "pmtud", V6),
    ("ipv6.path.time-exceeded", "SOME_SILENT", "trace", V6),
    ("ipv6.path.time-exceeded", "MOST_SILENT-our-tunnel", "trace", V6),
    ("ipv6.web.http-ok", "FAILED", "tls", V6),
    ("ipv6.web.http-ok", "FAILED_IPV6_ONLY", "tls", V6),
    ("ipv6.web.http-ok", "FAILED_ALIKE", "tls", V6),
    ("ipv6.web.http-ok", "TIMES_OUT", "large_transfer", V6),
    ("ipv6.web.http-ok", "TIMES_OUT_IPV6_ONLY", "large_transfer", V6),
    ("ipv6.web.http3", "DEAD", "icmp6", V4),
    ("ipv6.web.http3", "SOME_DEAD-ipv4", "icmp6", V4),
    ("ipv6.web.http3", "DEAD_OVER_IPV6-other-port", "icmp6", V6),
    ("ipv6.web.port-parity", "MISSING_ON_IPV6", "tcp", V6),
    ("ipv6.web.reach", "REFUSED-no-ipv4-here", "tcp", V6),
    ("ipv6.web.reach", "SILENT", "tcp", V6),
    ("ipv6.web.reach", "UNREACHABLE", "tcp", V6),
    ("ipv6.web.reach", "SOME_REFUSED-other-undecided", "tcp", V6),
    ("ipv6.web.reach", "SOME_SILENT", "tcp", V6B),
    ("ipv6.web.reach", "SOME_UNREACHABLE", "tcp", V6B),
    ("ipv6.web.tls-parity", "INVALID_ON_SOME", "tcp", V4),
    ("ipv6.web.tls-parity", "OBSOLETE_ON_SOME", "tcp", V6),
    ("ipv6.web.tls-parity", "HANDSHAKE_FAILS_ON_SOME", "tcp", V6),
    ("security.http.https-exists", "NO_TLS-alert", "http", V4),
    ("security.http.https-exists", "NO_TLS-alert", "tls", V4),
    ("security.http.https-exists", "NO_TLS-alert", "tls_support", V4),
    ("security.http.https-forced", "ON_TO_HTTP", "http", V4),
    ("security.http.https-forced", "CONTENT-jump-script", "tcp", V4),
    ("security.http.https-forced", "ERROR-iis", "tcp", V4),
    ("security.http.mixed-content", "ACTIVE", "http", V4),
    ("security.http.mixed-content", "FORM", "http", V6),
    ("security.http.mixed-content", "IMAGES", "http", V4),
    ("security.ports.v4v6-parity", "SHUT_OTHERWISE", "ports", V4),
    ("security.ports.v4v6-parity", "SHUT_OTHERWISE", "mail_tls", V6),
    ("security.ports.v4v6-parity", "SHUT_OTHERWISE", "tls", V4),
    ("security.ports.v4v6-parity", "MORE_ON_IPV4", "front_page", V4),
    ("security.ports.v4v6-parity", "MORE_ON_IPV4", "smtp", V6),
    ("security.ports.v4v6-parity", "HOLE-one-round", "ssh", V4),
    ("security.ports.v4v6-parity", "HOLE-one-round", "tls", V6),
    ("security.ports.v4v6-parity", "PANEL_ON_IPV6", "smtp", V4),
    ("security.ports.v4v6-parity", "PANEL_ON_IPV6", "front_page", V6),
    ("security.ports.v4v6-parity", "SHUT_OTHERWISE", "ssh", V6),
    ("security.ports.v4v6-parity", "SHUT_OTHERWISE", "smtp", V4),
    ("security.ports.v4v6-parity", "MORE_ON_IPV4", "ssh", V6),
    ("security.ports.v4v6-parity", "MORE_ON_IPV4", "tls", V4),
    ("security.ports.v4v6-parity", "MORE_ON_IPV4", "mail_tls", V6),
    ("security.ports.v4v6-parity", "HOLE-one-round", "mail_tls", V4),
    ("security.ports.v4v6-parity", "HOLE-one-round", "smtp", V6),
    ("security.ports.v4v6-parity", "HOLE-one-round", "front_page", V4),
    ("security.ports.v4v6-parity", "PANEL_ON_IPV6", "ssh", V4),
    ("security.ports.v4v6-parity", "PANEL_ON_IPV6", "tls", V6),
    ("security.ports.v4v6-parity", "PANEL_ON_IPV6", "mail_tls", V4),
    ("tslcd.device.min-spec", "PLAINTEXT", "tcp", _POINT),
    ("tslcd.ip.dual-stack", "DEVICE_ONLY", "tcp", _POINT),
    ("tslcd.site.rtt-jitter", "LONG", "site_stamp", _POINT),
    ("tslcd.site.rtt-jitter", "TOO_LONG", "site_stamp", _POINT),
)
"""The check, a failing case, the probe that might have excused it, and the place where that was cut off."""


def cases() -> Iterator[Case]:
    whole = {(case.check, case.path.stem): case for module in _MODULES for case in module.cases()}
    for check, stem, probe, at in _WHAT:
        case = whole[check, stem]
        cut = lab.evidence(
            probe,
            task=f"cut off at {at}",
            endpoint=Endpoint(address=ip_address(at)),
            failure=Failure(kind=FailureKind.OUT_OF_TIME),
        )
        yield replace(
            case,
            code="OUT_OF_TIME",
            variant=f"{stem.lower().replace('_', '-')}-without-{probe.replace('_', '-')}",
            about=f"What {probe} might have shown at this address, which was cut off, may be the excuse.",
            trap="",
            evidence=(*case.evidence, cut),
            expect=tuple(("OUT_OF_TIME" if where in (None, at) else said, where) for said, where in case.expect),
            gated=True,
        )
