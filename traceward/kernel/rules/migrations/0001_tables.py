from django.db import migrations, models

import traceward.kernel.base.ids
from traceward.kernel.base.sqlfile import remember_tables
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("base", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="Parameter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(
                        default=traceward.kernel.base.ids.new_uid, editable=False, unique=True
                    ),
                ),
                ("key", models.CharField(max_length=100)),
                ("context", models.JSONField(default=dict)),
                ("value", models.JSONField()),
                ("version", models.PositiveIntegerField(default=1)),
                ("valid_from", models.DateTimeField()),
                ("replaced_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "parameter",
                "db_table": "rules_parameter",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_at", None)),
                        fields=("key", "context"),
                        name="rules_parameter_in_force_once",
                    )
                ],
            },
        ),
        remember_tables(__file__),
    ]
