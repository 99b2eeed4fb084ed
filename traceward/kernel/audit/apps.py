from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "traceward.kernel.audit"
    label = "audit"
