"""Reads the list of certificate transparency logs that browsers accept, in the form Google and Apple publish.

No I/O except for the shipped file, which is the one Chromium was built with; ``[tls].ct_logs`` names a newer one. A log
that is not in it is unknown, which is no defect (CHECKS, G8).
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from importlib import resources


class LogListError(ValueError):
    """Raised for a file that holds no list of logs; the message states the problem."""


def shipped() -> Mapping[str, str]:
    """Return the operator of each log, by the id of the log in hexadecimal digits."""
    return parsed(resources.files("auditor").joinpath("anchors/ct-logs.json").read_text("utf-8"))


def parsed(text: str) -> Mapping[str, str]:
    """Return the operators by log id from a list in version 3 of the form, tiled logs included. Raises LogListError."""
    try:
        found = dict(_logs(json.loads(text)))
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as problem:
        raise LogListError("no list of logs in the form of log_list.json, version 3") from problem
    if not found:
        raise LogListError("a list without any log")
    return found


def _logs(document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    operators = document["operators"]
    if not isinstance(operators, list):
        raise TypeError("operators")
    for operator in operators:
        for log in (*operator.get("logs", ()), *operator.get("tiled_logs", ())):
            yield base64.b64decode(log["log_id"], validate=True).hex(), str(operator["name"])
