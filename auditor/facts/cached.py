"""Cache a fact that several checks ask for, once for each subject, with its evidence.

A fact is a pure function of the subject, its evidence, the context and plain values, so that what it said once it says
again. Subject and context are told apart by identity, which is what a judged subject has one of; they are kept beside
the answer, because the identity of something that is gone may be given to something else. The evidence is not: it would
hold itself, and the memory of every subject would wait for the garbage collector.
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
    """``fact`` with a memory in the evidence it is given. It must return a value and not a generator."""
    place = list(signature(fact).parameters).index("evidence")

    @functools.wraps(fact)
    def once(*args: P.args, **named: P.kwargs) -> R:
        evidence = cast(EvidenceSet, args[place])
        key = (fact, *[id(arg) if type(arg) in _BY_IDENTITY else arg for arg in args], *named.items())
        _, found = evidence.once(key, lambda: (args[:place] + args[place + 1 :], fact(*args, **named)))
        return found

    return once


_BY_IDENTITY: frozenset[type] = frozenset({EvidenceSet, Subject, Context})
