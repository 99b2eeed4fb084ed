from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "traceward.resources"
    label = "resources"

    def ready(self) -> None:
        """Every declaration is made, so that setting up and doors know all of them."""
        package = import_module(self.name)
        for module in iter_modules(package.__path__):
            import_module(f"{self.name}.{module.name}")
