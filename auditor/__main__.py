"""Runs the command: ``python -m auditor`` is ``auditor``."""

from auditor.cli.main import main

if __name__ == "__main__":
    main()
