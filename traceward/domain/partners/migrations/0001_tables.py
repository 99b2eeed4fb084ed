import django.contrib.postgres.fields
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
            name="Partner",
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
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("code", models.CharField(max_length=30, unique=True)),
                ("is_supplier", models.BooleanField(default=False)),
                ("is_maker", models.BooleanField(default=False)),
                ("is_customer", models.BooleanField(default=False)),
                ("is_carrier", models.BooleanField(default=False)),
                (
                    "customer_class",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("hospital", "hospital"),
                            ("distributor", "distributor"),
                            ("store", "store"),
                        ],
                        max_length=20,
                    ),
                ),
                ("is_qualified", models.BooleanField(default=False)),
                (
                    "registered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "partner",
                "db_table": "partners_partner",
            },
        ),
        NewTable(
            name="Licence",
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
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("business", "business licence"),
                            ("production", "production licence"),
                            ("distribution", "distribution licence"),
                            ("filing", "distribution filing"),
                            ("institution", "medical institution licence"),
                            ("authorisation", "letter of authorisation"),
                            ("agreement", "quality agreement"),
                        ],
                        max_length=20,
                    ),
                ),
                ("number", models.CharField(max_length=60)),
                (
                    "classes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), size=None
                    ),
                ),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10), default=list, size=None
                    ),
                ),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "registration_numbers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                ("territory", models.CharField(blank=True, max_length=100)),
            ],
            options={
                "verbose_name": "licence",
                "db_table": "partners_licence",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("party", "kind", "number"), name="partners_licence_once"
                    )
                ],
            },
        ),
        NewTable(
            name="Salesperson",
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
                ("text", models.CharField(blank=True, max_length=200)),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "letter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.licence",
                    ),
                ),
            ],
            options={
                "verbose_name": "salesperson",
                "db_table": "partners_salesperson",
            },
        ),
        NewTable(
            name="Contact",
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
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                ("named_at", models.DateTimeField()),
                (
                    "named_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "contact",
                "db_table": "partners_contact",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("party",),
                        name="partners_contact_one",
                    )
                ],
            },
        ),
        remember_tables(__file__),
    ]
