"""Runs the command: ``python -m auditor`` is ``auditor``."""

from auditor.service.cli.main import main

if __name__ == "__main__":
    main()
