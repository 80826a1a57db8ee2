"""Makes garbage collection rare while a program is imported, and in a process that does one work and then ends."""

import gc

_AS_PYTHON_DOES = gc.get_threshold()
_IMPORTING = (500_000, 20, 50)
"""Thresholds with more objects than the largest command imports; imported objects are not garbage."""
_SELDOM = (100_000, 20, 50)
"""Thresholds of rare full collections: measuring, judging and writing make few cycles."""


def collect_nothing_imported() -> None:
    """Collect nothing while a command is imported: collecting takes 1/20 of its start, 1/10 of the service's.

    A long-running program calls ``collect_as_usual`` once everything is imported.
    """
    gc.set_threshold(*_IMPORTING)


def collect_as_usual() -> None:
    """Exclude the objects that exist now from collection, and collect as often as Python does by default."""
    gc.freeze()
    gc.set_threshold(*_AS_PYTHON_DOES)


def collect_rarely() -> None:
    """Exclude the objects that exist now from collection, and collect less often.

    Collections that repeatedly search the program itself, half a second each, took a sixth of the time of judging and
    of writing a page; during a measurement they delay the reading of answers from sockets. Cycles among the excluded
    objects are never freed, except for garbage since the last call: a process that goes on to other work calls this
    again.
    """
    if gc.get_threshold() == _SELDOM:
        gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
