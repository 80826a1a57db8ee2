"""Runs inside a rehearsal: resolves names with our own iterator and prints the results as JSON.

python -m tests.support.measure lookup NAME…       {name: {type: [status, records, failure kind]}}
python -m tests.support.measure delegation NAME…   {name: [zone, parent, parent NS, child NS, shared, failure kind]}
python -m tests.support.measure only-v6 NAME…      {zone on the way: [servers asked, failure kind]}, or only-v4
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from inventory.scope import Scope
from probes.framework.evidence import Observation
from probes.framework.limits import Limits
from probes.framework.profile import QUICK, Pace
from probes.framework.recorder import Recorder
from probes.net.dns.hints import RootHints, parse_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.observations.dnspath import FamilyCut


async def measured(hints: RootHints, what: str, names: list[str]) -> dict[str, object]:
    setting = Setting(
        scope=Scope(documentation=True),
        limits=Limits(Pace(per_address_per_second=10_000.0), clock=time.monotonic),
        timing=QUICK,
        names=Source(hints=hints),
        strict=True,
    )
    rec = Recorder(time.monotonic)
    async with KernelNet(setting) as net:
        if what == "delegation":
            cuts = [await net.names.delegation(rec, name) for name in names]
            return {
                name: [cut.zone, cut.parent, cut.parent_ns, cut.child_ns, cut.shared, kind(cut)]
                for name, cut in zip(names, cuts, strict=True)
            }
        if what.startswith("only-v"):
            for name in names:
                await net.names.one_family(rec, name, int(what[-1]))
            cuts_ = [step for step in rec.steps if isinstance(step, FamilyCut)]
            return {step.zone: [len(step.replies), kind(step)] for step in cuts_}
        wanted = [(name, rtype, "host") for name in names for rtype in ("A", "AAAA")]
        found: dict[str, object] = {}
        for look in await net.names.lookup_many(rec, wanted):
            entry = found.setdefault(look.name, {})
            assert isinstance(entry, dict)
            entry[look.rtype] = [look.status, look.records, kind(look)]
        return found


def kind(step: Observation) -> str | None:
    return None if step.failure is None else step.failure.kind


if __name__ == "__main__":
    given = parse_hints(Path(os.environ["AUDITOR_REHEARSAL"], "root.hints").read_text("ascii"))
    print(json.dumps(asyncio.run(measured(given, sys.argv[1], sys.argv[2:]))))
