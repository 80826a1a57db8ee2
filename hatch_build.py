"""Build hook: the wheel and the editable install carry compiled message catalogues (.mo files are not in git).

A wheel has the guides that the pages show, too; an editable install reads them where they are.
"""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_WEB = "auditor/service/web"
GUIDES = ("docs/howto/operator.md", "docs/vi")


class CatalogueHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # By path: the project is not importable while it is being built.
        script = Path(self.root, "auditor", "locale", "compile.py")
        if script.exists():
            runpy.run_path(str(script))["compile_catalogues"](everything=True)
        if self.target_name == "wheel" and version != "editable":
            build_data["force_include"].update({str(Path(self.root, path)): f"{_WEB}/{path}" for path in GUIDES})
