"""A wheel carries compiled translations and fonts; git does not keep them."""

import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MakeWhatGitDoesNotKeep(BuildHookInterface[Any]):
    """Hatchling calls this before it collects the files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, self.root)
        from traceward.kernel.base import assets
        from traceward.kernel.base.translations import compile_translations

        compile_translations()
        if assets.main() != 0:
            raise RuntimeError("the fonts are missing; the reason stands above")
