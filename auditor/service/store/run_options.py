"""Defines the settings of a run that affect its judgement; they are stored with it as JSON."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from auditor.framework.findings import CheckId
from inventory.model import Clearance
from probes.framework.codec import load_frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Holds the settings, without secrets. ``checks``: those that the run was made for, None for all.

    ``reconciled``: when the inventory was last compared with other sources. ``amends``: the run that this one re-checks
    some subjects of. ``repeats``: the doubtful run that this one decides about. ``part``: only a part of the subjects
    or of the checks was requested for this run.
    """

    checks: tuple[CheckId, ...] | None = None
    clearance: Clearance = Clearance.NORMAL
    profile: str = ""
    subject_seconds: float = 0.0
    vantage: str = ""
    reconciled: date | None = None
    amends: str = ""
    repeats: str = ""
    part: bool = False

    def to_json(self) -> str:
        """Return the options as they are stored. A seal covers this text, so its form must never change."""
        return json.dumps(
            {
                **({} if self.checks is None else {"checks": self.checks}),
                "clearance": self.clearance.value,
                "profile": self.profile,
                "subject_seconds": self.subject_seconds,
                "vantage": self.vantage,
                **({} if self.reconciled is None else {"reconciled": self.reconciled.isoformat()}),
                **({"amends": self.amends} if self.amends else {}),
                **({"repeats": self.repeats} if self.repeats else {}),
                **({"part": True} if self.part else {}),
            }
        )


@lru_cache(maxsize=1_024)
def read_run_options(text: str) -> RunOptions:
    """Read options that ``RunOptions.to_json`` wrote. Raises ValueError for any other text."""
    return load_frozen(RunOptions, text.encode())
