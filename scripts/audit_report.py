"""Judges a pip-audit report: prints the number of packages, and fails for a known vulnerability."""

import json
import sys
from pathlib import Path


def main(report: Path, log: Path) -> int:
    try:
        packages = json.loads(report.read_text())["dependencies"]
    except (ValueError, KeyError):
        print(
            f"vulnerabilities: nothing was looked up; pip-audit says:\n{log.read_text().strip()[-400:]}",
            file=sys.stderr,
        )
        return 0
    looked_up = [package for package in packages if "skip_reason" not in package]
    if not looked_up:
        print("vulnerabilities: nothing was looked up: the vulnerability service does not answer here", file=sys.stderr)
        return 0
    vulnerable = [package for package in looked_up if package["vulns"]]
    for package in vulnerable:
        for vulnerability in package["vulns"]:
            mended = ", ".join(vulnerability["fix_versions"]) or "no version yet"
            print(f"{package['name']} {package['version']}: {vulnerability['id']}, mended in {mended}", file=sys.stderr)
    print(
        f"vulnerabilities: {len(looked_up)} of {len(packages)} packages looked up, {len(vulnerable)} vulnerable",
        file=sys.stderr,
    )
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
