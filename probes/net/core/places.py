"""Where a failure came from: out of our own kernel, or out of a line of our own."""

import traceback

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults
from probes.net.core.sockets import local_errno


def as_our_kernel_says(failure: Failure | None, address: IPAddress) -> Failure | None:
    """Inside aiohttp nobody can tell what our kernel said from what arrived; a second look at the route can."""
    if failure is None or failure.errno is None or failure.kind is not FailureKind.UNREACHABLE:
        return failure
    number = local_errno(address)
    return failure if number == 0 else faults.from_errno(number, local=True)


def place_of(problem: BaseException) -> str:
    """One line that finds the place of a bug."""
    frames = traceback.extract_tb(problem.__traceback__)[-3:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return faults.bounded(f"{type(problem).__name__}: {problem} at {places}")
