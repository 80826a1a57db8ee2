"""Tests that the check written for an operator is valid Python under the requested name, and its cases are JSON."""

import ast
import json

from auditor.service.pipeline.own_checks.own_check_template import cases_text, check_text


def test_check_text_declares_the_function_asked_for() -> None:
    functions = [
        node.name for node in ast.parse(check_text("server_version")).body if isinstance(node, ast.FunctionDef)
    ]
    assert functions == ["server_version"]


def test_cases_text_has_a_case_for_each_code() -> None:
    cases = json.loads(cases_text())["cases"]
    assert [case["expect"][0]["code"] for case in cases] == ["HIDDEN", "TOLD", "HIDDEN", "U_CUT"]
