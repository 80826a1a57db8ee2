"""Reads our OSCAL with compliance-trestle, NIST's model as Python classes, in an environment of its own.

python -m tests.support.oscal FILE PYTHON     PYTHON is an interpreter that has compliance-trestle 5.2 or newer
"""

import subprocess
import sys
from pathlib import Path

READER = """
import sys
from pathlib import Path
from trestle.oscal.assessment_results import Model
found = Model.parse_raw(Path(sys.argv[1]).read_bytes()).assessment_results.results[0]
print(len(found.observations or ()), "observations,", len(found.findings or ()), "findings")
"""


def main(argv: list[str]) -> int:
    if len(argv) != 2 or not all(Path(text).exists() for text in argv):
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    return subprocess.run([argv[1], "-W", "ignore", "-c", READER, argv[0]], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
