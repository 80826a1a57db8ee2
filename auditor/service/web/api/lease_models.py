"""Defines the models of leases; otherwise like ``models``."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, JsonValue

from auditor.service.web.api.models import Answered, Sent, Word

WorkerName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class LeaseBody(Sent):
    """Describes a worker that asks for work: its name, its vantage and networks as configured, and its version.

    ``wait``: seconds that the answer may take while there is nothing to do.
    """

    worker: WorkerName
    vantage: Word
    networks: Annotated[list[Word], Field(max_length=100)]
    version: Word
    wait: Annotated[float, Field(ge=0, le=60)] = 60.0


class LeaseOrder(Answered):
    """Describes a batch to measure. ``header``: the run and its subjects as in the first line of an evidence file.

    ``known``: derived subjects that were measured. ``selftests``: how often this vantage was tested in the run.
    ``kinds``: the observations that the centre reads, with their versions.
    """

    lease: str
    since: datetime
    version: str
    header: dict[str, JsonValue]
    known: list[str]
    selftests: int
    allow: list[str] | None
    deny: list[str]
    kinds: dict[str, int]


class LeaseState(Answered):
    """Confirms that the lease is held, or was ended by this call."""

    lease: str


class Delivered(Answered):
    """Counts the pieces of evidence, or samples, that were taken, including those delivered before."""

    taken: int
