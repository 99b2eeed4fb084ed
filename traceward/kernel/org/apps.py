from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "traceward.kernel.org"
    label = "org"
