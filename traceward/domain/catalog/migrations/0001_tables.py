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
            name="Product",
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
                ("registration_number", models.CharField(max_length=60, unique=True)),
                (
                    "registrant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("device_class", models.PositiveSmallIntegerField()),
                ("category", models.CharField(max_length=12)),
                ("old_category", models.CharField(blank=True, max_length=12)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("region", models.CharField(default="CN", max_length=2)),
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
                "verbose_name": "product",
                "db_table": "catalog_product",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("device_class__in", (1, 2, 3))),
                        name="catalog_product_class",
                    )
                ],
            },
        ),
        NewTable(
            name="Item",
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
                    "material_category",
                    models.CharField(
                        choices=[
                            ("device", "medical device under a certificate"),
                            ("non_device", "goods that are no medical device"),
                            ("raw", "raw material"),
                            ("semi_finished", "semi-finished goods"),
                            ("packaging", "packaging material"),
                        ],
                        default="device",
                        max_length=20,
                    ),
                ),
                ("non_device_reason", models.CharField(blank=True, max_length=200)),
                (
                    "product",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
                (
                    "maker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("model", models.CharField(blank=True, max_length=100)),
                ("specification", models.CharField(blank=True, max_length=200)),
                ("base_unit", models.CharField(default="EA", max_length=20)),
                ("has_lots", models.BooleanField(default=True)),
                ("has_serials", models.BooleanField(default=False)),
                ("is_implantable", models.BooleanField(default=False)),
                ("shelf_life_days", models.PositiveIntegerField(null=True)),
                ("has_expiry", models.BooleanField(default=True)),
                ("service_life", models.CharField(blank=True, max_length=60)),
                ("storage_c_min", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("storage_c_max", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("storage_note", models.CharField(blank=True, max_length=100)),
                ("product_line", models.CharField(blank=True, max_length=40)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "verbose_name": "item",
                "db_table": "catalog_item",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("has_lots", True), ("has_serials", True), _connector="OR"
                        ),
                        name="catalog_item_identified",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("material_category", "device"), ("product__isnull", False)),
                            models.Q(
                                models.Q(("material_category", "device"), _negated=True),
                                ("product", None),
                            ),
                            _connector="OR",
                        ),
                        name="catalog_item_device",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("non_device_reason", ""),
                            ("material_category", "non_device"),
                            _connector="OR",
                        ),
                        name="catalog_item_declared",
                    ),
                ],
            },
        ),
        NewTable(
            name="PackagingLevel",
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
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                (
                    "agency",
                    models.CharField(
                        choices=[
                            ("GS1", "GS1"),
                            ("HIBC", "HIBC"),
                            ("MA", "MA"),
                            ("AHM", "AHM"),
                            ("own", "own code"),
                        ],
                        default="GS1",
                        max_length=10,
                    ),
                ),
                ("di", models.CharField(max_length=40)),
                ("base_units", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "packaging level",
                "db_table": "catalog_packaging_level",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "level"), name="catalog_packaging_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("base_units__gt", 0)), name="catalog_packaging_units"
                    ),
                ],
            },
        ),
        NewTable(
            name="Identifier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "packaging",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identifiers",
                        to="catalog.packaginglevel",
                    ),
                ),
                (
                    "agency",
                    models.CharField(
                        choices=[
                            ("GS1", "GS1"),
                            ("HIBC", "HIBC"),
                            ("MA", "MA"),
                            ("AHM", "AHM"),
                            ("own", "own code"),
                        ],
                        max_length=10,
                    ),
                ),
                ("di", models.CharField(max_length=40)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "identifier",
                "db_table": "catalog_identifier",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("di", "agency"),
                        name="catalog_identifier_once",
                    )
                ],
            },
        ),
        run_sql_file(__file__, "identifiers.sql"),
        remember_tables(__file__),
    ]
