import django.db.models.deletion
from django.db import migrations, models

import traceward.kernel.base.ids
from traceward.kernel.base.sqlfile import remember_tables
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("base", "0001_tables"),
        ("org", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="HeldCommand",
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
                ("verb", models.CharField(max_length=100)),
                ("arguments", models.TextField()),
                ("why", models.CharField(max_length=300)),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("requested_at", models.DateTimeField()),
                ("command_id", models.BigIntegerField()),
                ("scope", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("released", "released"),
                            ("rejected", "rejected"),
                        ],
                        default="waiting",
                        max_length=20,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "held command",
                "db_table": "workflow_held",
            },
        ),
        NewTable(
            name="Acknowledgement",
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
                ("subject", models.CharField(max_length=60)),
                ("record", models.BigIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("acknowledged_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "acknowledgement",
                "db_table": "workflow_acknowledgement",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject", "record", "person"), name="workflow_acknowledgement_once"
                    )
                ],
            },
        ),
        NewTable(
            name="Board",
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
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("shown", models.JSONField(default=list)),
                ("hidden", models.JSONField(default=list)),
                ("arranged_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "board",
                "db_table": "workflow_board",
            },
        ),
        remember_tables(__file__),
    ]
