import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
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
            name="ListView",
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
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("list_name", models.CharField(max_length=100)),
                ("name", models.CharField(blank=True, max_length=60)),
                ("question", models.CharField(blank=True, max_length=2000)),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("audience", models.CharField(blank=True, max_length=40)),
                ("first", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "verbose_name": "view",
                "db_table": "lists_view",
                "indexes": [models.Index(fields=["list_name"], name="lists_view_list")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "list_name", "name"), name="lists_view_name"
                    )
                ],
            },
        ),
        remember_tables(__file__),
    ]
