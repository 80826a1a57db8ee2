"""Caches a fact that several checks ask for, once for each subject, with its evidence.

A fact is a pure function of the subject, its evidence, the context and plain values, so its result never changes.
Subject and context are compared by identity, because a judged subject has exactly one of each. The cache keeps a
reference to them with the result, because the identity of a freed object may be reused. It keeps none to the evidence:
the evidence holds the cache, and the reference cycle would keep the memory of every subject until the garbage collector
runs.
"""

import functools
from collections.abc import Callable
from inspect import signature
from typing import ParamSpec, TypeVar, cast

from auditor.framework.context import Context
from inventory.model import Subject
from probes.framework.evidence import EvidenceSet

P = ParamSpec("P")
R = TypeVar("R")


def remembered(fact: Callable[P, R]) -> Callable[P, R]:
    """Return ``fact`` with a cache in its ``evidence`` argument; it must return a value, not a generator."""
    place = list(signature(fact).parameters).index("evidence")

    @functools.wraps(fact)
    def once(*args: P.args, **named: P.kwargs) -> R:
        evidence = cast(EvidenceSet, args[place])
        key = (fact, *[id(arg) if type(arg) in _BY_IDENTITY else arg for arg in args], *named.items())
        _, found = evidence.once(key, lambda: (args[:place] + args[place + 1 :], fact(*args, **named)))
        return found

    return once


_BY_IDENTITY: frozenset[type] = frozenset({EvidenceSet, Subject, Context})
