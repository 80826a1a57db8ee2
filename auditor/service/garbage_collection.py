"""Makes garbage collection rare while a program is imported, and in a process that does one work and then ends."""

import gc

_AS_PYTHON_DOES = gc.get_threshold()
_IMPORTING = (500_000, 20, 50)
"""More objects than the largest command imports, none of which is garbage."""
_SELDOM = (100_000, 20, 50)
"""How seldom the garbage collector looks at everything. What is measured, judged or written makes few cycles."""


def collect_nothing_imported() -> None:
    """Collect nothing while a command is imported: a twentieth of what it takes to start, a tenth for the service.

    What goes on for long calls ``collect_as_usual`` once everything is imported.
    """
    gc.set_threshold(*_IMPORTING)


def collect_as_usual() -> None:
    """Leave what is imported by now out of every collection, and collect as often as Python does by itself."""
    gc.freeze()
    gc.set_threshold(*_AS_PYTHON_DOES)


def collect_rarely() -> None:
    """Leave what this process holds by now out of every collection, and collect less often.

    Looking through the program itself again and again, half a second each time, took a sixth of judging and of writing
    a page; while a run is measured, answers that lie in their sockets grow old meanwhile. What a process holds in
    cycles by now is never freed, but for what it left in them since it called this before: one that goes on with
    another work calls it again.
    """
    if gc.get_threshold() == _SELDOM:
        gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
