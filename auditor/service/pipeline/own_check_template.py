"""Holds the check that ``auditor checks new`` writes: one that works, with a golden case for each of its codes."""

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
    for envelope, step in evidence.of(HttpExchange):
        if step.status is None:
            continue  # no answer says nothing: with no verdict at all the finding is inconclusive
        server = next((value for name, value in step.headers if name.lower() == "server"), "")
        told = any(letter.isdigit() for letter in server)
        yield Verdict(
            code="TOLD" if told else "HIDDEN",
            args={"address": written(step.address), "server": server},
            address=step.address,
            detail=f"tcp/{step.port}",
            evidence=(envelope.id,),
        )
'''
_ADDRESS, _URL = "2001:db8:a::10", "https://www.example.vn/"


def check_text(function: str) -> str:
    """Return the file of a check whose function has that name."""
    return _CHECK.replace("$function", function)


def cases_text() -> str:
    """Return the file with its golden cases."""
    cases = [
        _case("The header names the program only.", [["Server", "nginx"]], "HIDDEN", "pass"),
        _case("The header has a version.", [["Server", "nginx/1.24.0"]], "TOLD", "warn"),
        _case("No answer: nothing is known.", None, "U_CUT", "inconclusive"),
    ]
    return json.dumps({"cases": cases}, ensure_ascii=False, indent=1) + "\n"


def _case(about: str, headers: list[list[str]] | None, code: str, outcome: str) -> dict[str, object]:
    step: dict[str, object] = {"kind": "http-exchange", "v": 1, "address": _ADDRESS, "port": 443, "url": _URL}
    step |= {"failure": {"kind": "timeout"}} if headers is None else {"status": 200, "headers": headers}
    return {
        "about": about,
        "target": "www.example.vn",
        "kind": "portal",
        "evidence": [{"probe": "http", "endpoint": {"address": _ADDRESS, "port": 443}, "steps": [step]}],
        "expect": [{"code": code, "outcome": outcome}],
    }
