from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "traceward.kernel.workflow"
    label = "workflow"
