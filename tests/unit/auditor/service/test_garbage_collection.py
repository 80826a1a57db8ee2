"""Tests that short-lived processes do not collect garbage in the program itself again and again."""

import subprocess
import sys

RARELY = """
import gc
from auditor.service.garbage_collection import collect_rarely
before = gc.get_threshold()
collect_rarely()
assert gc.get_freeze_count() > 1_000, gc.get_freeze_count()
assert gc.isenabled() and gc.get_threshold()[0] > before[0], gc.get_threshold()
"""

AGAIN = """
import gc
import weakref
from auditor.service.garbage_collection import collect_rarely

class Cycle:
    pass

collect_rarely()
left = Cycle()
left.itself = left
known = weakref.ref(left)
del left
assert known() is not None
collect_rarely()
assert known() is None
"""


STARTING = """
import gc
import sys
from auditor.service.garbage_collection import collect_as_usual
before = gc.get_threshold()
from auditor.service.cli import main
gc.collect()
count = gc.get_stats()[0]["collections"]
sys.argv = ["auditor", "checks", "list"]
try:
    main.main()
except SystemExit:
    pass
import auditor.service.cli.commands.service.serve
assert gc.get_stats()[0]["collections"] == count, gc.get_stats()
collect_as_usual()
assert gc.get_freeze_count() > 10_000, gc.get_freeze_count()
assert gc.isenabled() and gc.get_threshold() == before, gc.get_threshold()
"""


def _run(program: str) -> None:
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_collect_rarely_leaves_the_loaded_program_out_of_collections() -> None:
    _run(RARELY)


def test_main_collects_nothing_while_a_command_is_imported() -> None:
    _run(STARTING)


def test_collect_rarely_frees_what_the_work_before_left() -> None:
    _run(AGAIN)
