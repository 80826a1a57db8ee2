"""Processes that end with their work do not look through the program itself again and again."""

import subprocess
import sys

PROGRAM = """
import gc
from auditor.service.garbage_collection import collect_rarely
before = gc.get_threshold()
collect_rarely()
assert gc.get_freeze_count() > 1_000, gc.get_freeze_count()
assert gc.isenabled() and gc.get_threshold()[0] > before[0], gc.get_threshold()
measured = gc.get_threshold()[0]
collect_rarely(judging=True)
assert gc.isenabled() and gc.get_threshold()[0] > measured, gc.get_threshold()
"""


def test_collect_rarely_leaves_the_loaded_program_out_of_collections() -> None:
    done = subprocess.run([sys.executable, "-P", "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
