import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import traceward.kernel.base.ids
from traceward.kernel.base.sqlfile import remember_tables, run_sql_file
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("base", "0001_tables"),
        ("org", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="Place",
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
                ("name_zh", models.CharField(blank=True, max_length=200)),
                ("name_en", models.CharField(blank=True, max_length=200)),
                ("sort_key", models.CharField(blank=True, db_index=True, max_length=400)),
                ("code", models.CharField(max_length=40, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("warehouse", "warehouse"),
                            ("zone", "zone"),
                            ("bin", "bin"),
                            ("dock", "dock"),
                            ("staging", "staging area"),
                            ("transit", "in transit"),
                            ("supplier", "supplier"),
                            ("customer", "customer"),
                            ("department", "department"),
                            ("used", "used"),
                            ("repair", "repair"),
                            ("destruction", "destruction"),
                            ("adjustment", "adjustment"),
                            ("production", "production"),
                        ],
                        max_length=20,
                    ),
                ),
                ("physical", models.BooleanField()),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="org.site"
                    ),
                ),
                (
                    "legal_entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.legalentity",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "path",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "temperature_c_min",
                    models.DecimalField(decimal_places=1, max_digits=5, null=True),
                ),
                (
                    "temperature_c_max",
                    models.DecimalField(decimal_places=1, max_digits=5, null=True),
                ),
                (
                    "zone",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("pending", "to be inspected"),
                            ("qualified", "qualified"),
                            ("rejected", "rejected"),
                            ("returns", "returns"),
                            ("dispatch", "dispatch"),
                        ],
                        max_length=20,
                    ),
                ),
                ("pick_rank", models.PositiveIntegerField(default=0)),
                ("is_open", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name": "place",
                "db_table": "places_place",
                "indexes": [models.Index(fields=["site", "kind"], name="places_place_site")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind__in", ["adjustment", "production", "supplier"]),
                                ("physical", False),
                            ),
                            models.Q(
                                models.Q(
                                    ("kind__in", ["adjustment", "production", "supplier"]),
                                    _negated=True,
                                ),
                                ("physical", True),
                            ),
                            _connector="OR",
                        ),
                        name="places_place_physical",
                    )
                ],
            },
        ),
        run_sql_file(__file__, "places.sql"),
        remember_tables(__file__),
    ]
