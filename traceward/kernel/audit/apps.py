from django.apps import AppConfig

from traceward.kernel.audit.references import register_checks


class AuditConfig(AppConfig):
    name = "traceward.kernel.audit"
    label = "audit"

    def ready(self) -> None:
        register_checks()
