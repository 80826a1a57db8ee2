"""Follows look-ups that lead to each other: a walk yields questions and is sent their answers.

Walks are pure and are in ``probes/wire``; the probe that queries follows them here, the checks that judge follow them
over recorded look-ups.
"""

from collections.abc import Generator, MutableMapping
from typing import TypeVar

from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.observations.dns import LookupStatus, NameLookup

T = TypeVar("T")

Question = tuple[str, str]
"""A name and a record type."""
Answer = tuple[str, ...] | None
"""The records of the answer; None if there was none."""

QUESTIONS = 200
"""The number of different questions followed for one task."""


async def follow(
    walk: Generator[Question, Answer, T],
    net: Net,
    rec: Recorder,
    role: str,
    known: MutableMapping[Question, NameLookup],
) -> T | None:
    """Return the walk's result, each question asked once; None if it exceeded ``QUESTIONS`` and was abandoned."""
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
