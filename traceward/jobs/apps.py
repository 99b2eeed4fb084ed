from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "traceward.jobs"
    label = "jobs"
