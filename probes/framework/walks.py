"""Follows look-ups that lead to each other: a walk yields questions and is sent their answers.

Walks are pure and stand in ``probes/wire``; the probe that asks follows them here, the checks that judge follow them
over what was recorded.
"""

from collections.abc import Generator, MutableMapping
from typing import TypeVar

from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.observations.dns import LookupStatus, NameLookup

T = TypeVar("T")

Question = tuple[str, str]
"""A name and a type."""
Answer = tuple[str, ...] | None
"""The records of the answer; None where nobody gave one."""

QUESTIONS = 200
"""Different questions followed for one task."""


async def follow(
    walk: Generator[Question, Answer, T],
    net: Net,
    rec: Recorder,
    role: str,
    known: MutableMapping[Question, NameLookup],
) -> T | None:
    """Return the walk's result, each question asked once. None: it asked for more than anybody needs, and was left."""
    try:
        question = next(walk)
        while True:
            if question not in known:
                if len(known) >= QUESTIONS:
                    return None
                known[question] = await net.names.lookup(rec, *question, role=role)
            name_lookup = known[question]
            question = walk.send(None if name_lookup.status is LookupStatus.NO_ANSWER else name_lookup.records)
    except StopIteration as end:
        result: T = end.value
        return result
