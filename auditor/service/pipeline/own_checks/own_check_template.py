"""Holds the check that ``auditor checks new`` writes: a working check, with a golden case for each of its codes."""

import json

_CHECK = '''"""Check that web servers do not tell the version of their software."""

from collections.abc import Iterator

from auditor.framework.bilingual import Bilingual
from auditor.framework.check import FamilyClaim, Granularity, check, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.web import HttpExchange


@check(
    version=1,
    title=Bilingual("Web server keeps its version to itself", vi="Máy chủ web không tiết lộ phiên bản phần mềm"),
    problem=Bilingual("Web server tells its version", vi="Máy chủ web tiết lộ phiên bản phần mềm"),
    why=Bilingual(
        "Whoever knows the version can look up what is wrong with it.",
        vi="Biết phiên bản phần mềm là tra cứu được ngay các lỗ hổng đã công bố của phiên bản đó.",
    ),
    fix=Bilingual(
        "Leave the version out of the Server header (nginx: server_tokens off; Apache: ServerTokens Prod).",
        vi="Bỏ số phiên bản khỏi tiêu đề Server (nginx: server_tokens off; Apache: ServerTokens Prod).",
    ),
    references=("RFC 9110 §10.2.4",),
    needs=(HttpExchange,),
    kinds=WEB_KINDS,
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/80", "tcp/443"}),
    unit=Granularity.ADDRESS,
    messages={
        "HIDDEN": passed(
            Bilingual("{address} does not tell a version.", vi="{address} không tiết lộ phiên bản phần mềm.")
        ),
        "TOLD": warn(
            Bilingual("{address} says that it runs {server}.", vi="{address} cho biết đang chạy {server}.")
        ),
    },
)
def $function(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    # no answer says nothing, and where a redirect leads another server may stand
    answers = [(envelope.id, step) for envelope, step in evidence.of(HttpExchange) if step.status and not step.hop]
    for place in dict.fromkeys((step.address, step.port) for _, step in answers):
        # one verdict each, however often it was looked at; an address without one is inconclusive
        seen = [(name, step) for name, step in answers if (step.address, step.port) == place]
        servers = [value for _, step in seen for name, value in step.headers if name.lower() == "server"]
        told = next((server for server in servers if any(map(str.isdigit, server))), "")
        yield Verdict(
            code="TOLD" if told else "HIDDEN",
            args={"address": written(place[0]), "server": told},
            address=place[0],
            detail=f"tcp/{place[1]}",
            evidence=tuple(name for name, _ in seen),
        )
'''
_ADDRESS, _OTHER, _URL = "2001:db8:a::10", "2001:db8:b::20", "https://www.example.vn/"
_STEP: dict[str, object] = {"kind": "http-exchange", "v": 1, "address": _ADDRESS, "port": 443, "url": _URL}


def check_text(function: str) -> str:
    """Return the source of a check with a function of this name."""
    return _CHECK.replace("$function", function)


def cases_text() -> str:
    """Return the content of the file with its golden cases."""
    cases = [
        _case("The header names the program only.", [_answer("nginx")], "HIDDEN", "pass"),
        _case("The header has a version.", [_answer("nginx/1.24.0")], "TOLD", "warn"),
        _case(
            "A redirect leads to another server.",
            [_answer("nginx") | {"status": 301}, _answer("Apache/2.4.57") | {"address": _OTHER, "hop": 1}],
            "HIDDEN",
            "pass",
        ),
        _case("No answer: nothing is known.", [_STEP | {"failure": {"kind": "timeout"}}], "U_CUT", "inconclusive"),
    ]
    return json.dumps({"cases": cases}, ensure_ascii=False, indent=1) + "\n"


def _answer(server: str) -> dict[str, object]:
    return _STEP | {"status": 200, "headers": [["Server", server]]}


def _case(about: str, steps: list[dict[str, object]], code: str, outcome: str) -> dict[str, object]:
    return {
        "about": about,
        "target": "www.example.vn",
        "kind": "portal",
        "evidence": [{"probe": "http", "endpoint": {"address": _ADDRESS, "port": 443}, "steps": steps}],
        "expect": [{"code": code, "outcome": outcome}],
    }
