from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "traceward.domain.partners"
    label = "partners"
