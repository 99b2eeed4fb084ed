"""The one operation of migrations that makes a table, without rendering what it refers to again."""

from django.db import migrations
from django.db.migrations.state import ProjectState


class NewTable(migrations.CreateModel):
    """A new model in the state, and its table. # docs/adr/0110

    Django renders all models that a changed one can reach, which is right where the model was
    there before. A new one is referred to by nobody yet, so it alone is rendered.
    """

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        rendered = state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)
        if rendered is not None:
            state.__dict__["apps"] = rendered
            rendered.render_multiple([state.models[app_label, self.name_lower]])
