from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "traceward.kernel.documents"
    label = "documents"
