"""Pins the verdicts about the recordings: ``AUDITOR_RECORDINGS=FOLDER python -m tests.support.recordings.build``.

Prints how many questions and octets each device took. Look at every verdict that changed before it is committed.
"""

import asyncio
import json
import sys

from tests.support.recordings.recorded import VARIABLE, VERDICTS, folder, names, recording, replay, verdicts


async def main() -> None:
    kept = folder()
    if kept is None:
        sys.exit(f"name the folder of the recordings in {VARIABLE}")
    found = {}
    for name in names():
        replayed, _ = await replay(name, "gufo", recording(name, kept))
        found[name] = dict(sorted(verdicts(name, replayed).items()))
        print(f"{name}: {replayed.questions} questions, {replayed.octets} octets")
    VERDICTS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
