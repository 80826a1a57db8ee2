"""Writes the golden files: ``python -m tests.golden.build``. Refuses a case whose findings are not the expected ones.

The cases stand in ``cases_*.py``, readable; the files hold what checks are given and what must come out, wire bytes and
certificates included. A file that no case makes any more is removed.
"""

import json

from auditor.framework.check import load
from tests.golden import (
    cases_certificates,
    cases_delegation,
    cases_device,
    cases_device_addresses,
    cases_device_counters,
    cases_device_links,
    cases_device_recorded,
    cases_device_routing,
    cases_dns,
    cases_dnspath,
    cases_dnssec,
    cases_filters,
    cases_flows,
    cases_http,
    cases_http3,
    cases_ipv6_security,
    cases_lan,
    cases_landing,
    cases_mail,
    cases_mail_tls,
    cases_meta,
    cases_mx,
    cases_nameservers,
    cases_one_prefix,
    cases_pages,
    cases_parts,
    cases_path,
    cases_ports,
    cases_refusals,
    cases_resolver,
    cases_reverse,
    cases_routers,
    cases_routing,
    cases_security,
    cases_series,
    cases_site,
    cases_smtp,
    cases_snmp,
    cases_ssh,
    cases_throughput,
    cases_tls,
    cases_tslcd,
    cases_tslcd_sites,
    cases_web,
    cases_zone,
    lab,
)
from tests.golden.case import HERE, Case, dump


def all_cases() -> list[Case]:
    modules = (
        cases_meta,
        cases_nameservers,
        cases_dns,
        cases_web,
        cases_site,
        cases_http,
        cases_http3,
        cases_security,
        cases_tls,
        cases_certificates,
        cases_mail,
        cases_mail_tls,
        cases_mx,
        cases_zone,
        cases_reverse,
        cases_dnssec,
        cases_smtp,
        cases_ports,
        cases_ssh,
        cases_snmp,
        cases_dnspath,
        cases_delegation,
        cases_device,
        cases_device_routing,
        cases_device_counters,
        cases_device_links,
        cases_device_addresses,
        cases_device_recorded,
        cases_resolver,
        cases_pages,
        cases_parts,
        cases_series,
        cases_path,
        cases_flows,
        cases_filters,
        cases_routers,
        cases_routing,
        cases_refusals,
        cases_tslcd_sites,
        cases_tslcd,
        cases_throughput,
        cases_ipv6_security,
        cases_lan,
        cases_landing,
        cases_one_prefix,
    )
    return [case for module in modules for case in module.cases()]


def main() -> int:
    (HERE / "trusted.pem").write_text(lab.TRUSTED, "ascii")
    (HERE / "declared.pem").write_text(lab.DECLARED, "ascii")
    known, wrong, written = {str(id_): check for id_, check in load().items()}, [], set()
    for case in all_cases():
        document = dump(case, known)
        got = tuple((one["code"], one["address"] or one["detail"]) for one in document["findings"])
        if sorted(map(str, got)) != sorted(map(str, case.expect)):
            wrong.append(f"{case.path.relative_to(HERE)}: expected {case.expect}, got {got}")
        if case.path in written:
            wrong.append(f"{case.path.relative_to(HERE)}: two cases of one name")
        case.path.parent.mkdir(exist_ok=True)
        case.path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
        written.add(case.path)
    for path in HERE.glob("*/*.json"):
        if path not in written and "." in path.parent.name:
            path.unlink()
    print("\n".join(wrong) or f"{len(written)} cases")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
