import django.db.models.deletion
from django.db import migrations, models

import traceward.kernel.base.ids
from traceward.kernel.base.sqlfile import remember_tables, run_sql_file
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("base", "0001_tables"),
        ("catalog", "0001_tables"),
        ("documents", "0001_tables"),
        ("org", "0001_tables"),
        ("places", "0001_tables"),
        ("stock", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="ExpectedDelivery",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("ordered_on", models.DateField(null=True)),
                (
                    "stand_at",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("is_ended", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "expected delivery",
                "db_table": "warehousing_expected",
            },
        ),
        NewTable(
            name="ExpectedLine",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.documentline",
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="warehousing.expecteddelivery",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                ("lot_number", models.CharField(blank=True, max_length=40)),
                ("serial_number", models.CharField(blank=True, max_length=40)),
                ("expires_on", models.DateField(null=True)),
            ],
            options={
                "verbose_name": "expected line",
                "db_table": "warehousing_expected_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="warehousing_expected_some"
                    )
                ],
            },
        ),
        NewTable(
            name="Receipt",
            fields=[
                (
                    "document_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                (
                    "expected",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.expecteddelivery",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("supplier_name", models.CharField(blank=True, max_length=200)),
                ("supplier_address", models.CharField(blank=True, max_length=300)),
                ("supplier_phone", models.CharField(blank=True, max_length=40)),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("delivery_note", models.CharField(max_length=60)),
                ("transport_mode", models.CharField(blank=True, max_length=60)),
                ("departed_at", models.DateTimeField(null=True)),
                ("arrived_at", models.DateTimeField()),
                ("arrival_c", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("transit_c_min", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("transit_c_max", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
            ],
            options={
                "verbose_name": "receipt",
                "db_table": "warehousing_receipt",
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="ReceiptDeliverer",
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
                    "receipt",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.receipt",
                    ),
                ),
            ],
            options={
                "verbose_name": "deliverer",
                "db_table": "warehousing_receipt_deliverer",
            },
        ),
        NewTable(
            name="ReceiptLine",
            fields=[
                ("device_name", models.CharField(blank=True, max_length=200)),
                ("model", models.CharField(blank=True, max_length=100)),
                ("specification", models.CharField(blank=True, max_length=200)),
                ("registration_number", models.CharField(blank=True, max_length=60)),
                ("registrant_name", models.CharField(blank=True, max_length=200)),
                ("maker_name", models.CharField(blank=True, max_length=200)),
                ("contract_maker_name", models.CharField(blank=True, max_length=200)),
                ("production_licence", models.CharField(blank=True, max_length=60)),
                ("udi_di", models.CharField(blank=True, max_length=40)),
                ("storage_conditions", models.CharField(blank=True, max_length=160)),
                ("service_life", models.CharField(blank=True, max_length=60)),
                ("unit", models.CharField(blank=True, max_length=20)),
                (
                    "line",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.documentline",
                    ),
                ),
                (
                    "receipt",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="warehousing.receipt",
                    ),
                ),
                (
                    "expected_line",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.expectedline",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "serial",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
                (
                    "packaging",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.packaginglevel",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                ("raw", models.TextField()),
                ("expires_on", models.DateField(null=True)),
                ("is_damaged", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "receipt line",
                "db_table": "warehousing_receipt_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="warehousing_receipt_some"
                    )
                ],
            },
        ),
        NewTable(
            name="RefusedDelivery",
            fields=[
                (
                    "document_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                (
                    "expected",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.expecteddelivery",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("supplier_name", models.CharField(blank=True, max_length=200)),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("damaged", "damaged"),
                            ("wrong temperature", "wrong temperature"),
                            ("no temperature record", "no temperature record"),
                            ("papers missing", "papers missing"),
                            ("papers differ", "papers differ"),
                            ("wrong goods", "wrong goods"),
                            ("too many", "too many"),
                            ("expired", "expired"),
                            ("unreadable label", "unreadable label"),
                            ("not qualified", "not qualified"),
                            ("other", "other"),
                        ],
                        max_length=30,
                    ),
                ),
                ("seen", models.CharField(max_length=300)),
                ("delivery_note", models.CharField(blank=True, max_length=60)),
                ("transport_mode", models.CharField(blank=True, max_length=60)),
                ("departed_at", models.DateTimeField(null=True)),
                ("arrived_at", models.DateTimeField()),
                ("arrival_c", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("transit_c_min", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
                ("transit_c_max", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
            ],
            options={
                "verbose_name": "refused delivery",
                "db_table": "warehousing_refusal",
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="RefusalDeliverer",
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
                    "refusal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.refuseddelivery",
                    ),
                ),
            ],
            options={
                "verbose_name": "deliverer of refused goods",
                "db_table": "warehousing_refusal_deliverer",
            },
        ),
        NewTable(
            name="RefusedLine",
            fields=[
                (
                    "line",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.documentline",
                    ),
                ),
                (
                    "refusal",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="warehousing.refuseddelivery",
                    ),
                ),
                (
                    "expected_line",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.expectedline",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("damaged", "damaged"),
                            ("wrong temperature", "wrong temperature"),
                            ("no temperature record", "no temperature record"),
                            ("papers missing", "papers missing"),
                            ("papers differ", "papers differ"),
                            ("wrong goods", "wrong goods"),
                            ("too many", "too many"),
                            ("expired", "expired"),
                            ("unreadable label", "unreadable label"),
                            ("not qualified", "not qualified"),
                            ("other", "other"),
                        ],
                        max_length=30,
                    ),
                ),
                ("seen", models.CharField(blank=True, max_length=300)),
                ("raw", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "refused line",
                "db_table": "warehousing_refusal_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="warehousing_refusal_some"
                    )
                ],
            },
        ),
        NewTable(
            name="LabelPrint",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("udi", "UDI label"),
                            ("sscc", "logistic label"),
                            ("place", "place label"),
                        ],
                        max_length=10,
                    ),
                ),
                ("size", models.CharField(max_length=10)),
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("labels", models.PositiveSmallIntegerField()),
                ("command_id", models.BigIntegerField(db_index=True)),
            ],
            options={
                "verbose_name": "label print",
                "db_table": "warehousing_label_print",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("labels__gt", 0)), name="warehousing_label_print_some"
                    )
                ],
            },
        ),
        NewTable(
            name="PrintedLabel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "label_print",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="warehousing.labelprint",
                    ),
                ),
                ("line_number", models.PositiveSmallIntegerField()),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                (
                    "packaging",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.packaginglevel",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "serial",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
                (
                    "container",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.container",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("copies", models.PositiveSmallIntegerField()),
                ("code", models.CharField(max_length=200)),
                ("texts", models.JSONField()),
            ],
            options={
                "verbose_name": "printed label",
                "db_table": "warehousing_printed_label",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("label_print", "line_number"), name="warehousing_printed_label_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("copies__gt", 0)), name="warehousing_printed_label_some"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("packaging__isnull", False),
                            ("container__isnull", False),
                            ("place__isnull", False),
                            _connector="OR",
                        ),
                        name="warehousing_printed_label_of_something",
                    ),
                ],
            },
        ),
        NewTable(
            name="KeptScan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                ("command_id", models.BigIntegerField()),
                ("scan_number", models.PositiveIntegerField()),
                ("raw", models.TextField()),
                ("packs", models.PositiveBigIntegerField()),
                (
                    "packaging",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.packaginglevel",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "serial",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
            ],
            options={
                "verbose_name": "kept scan",
                "db_table": "warehousing_kept_scan",
            },
        ),
        NewTable(
            name="Destination",
            fields=[
                (
                    "demand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                (
                    "consignee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "deliver_to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("delivery_address", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "destination",
                "db_table": "warehousing_destination",
            },
        ),
        NewTable(
            name="Pick",
            fields=[
                (
                    "document_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                (
                    "demand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                (
                    "consignee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "deliver_to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("consignee_name", models.CharField(blank=True, max_length=200)),
                ("delivery_address", models.CharField(blank=True, max_length=300)),
                (
                    "staging",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("checked_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "pick",
                "db_table": "warehousing_pick",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("checked_at__isnull", True), ("checked_by__isnull", True)),
                            models.Q(("checked_at__isnull", False), ("checked_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="warehousing_pick_checked",
                    )
                ],
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="PickLine",
            fields=[
                ("device_name", models.CharField(blank=True, max_length=200)),
                ("model", models.CharField(blank=True, max_length=100)),
                ("specification", models.CharField(blank=True, max_length=200)),
                ("registration_number", models.CharField(blank=True, max_length=60)),
                ("registrant_name", models.CharField(blank=True, max_length=200)),
                ("maker_name", models.CharField(blank=True, max_length=200)),
                ("contract_maker_name", models.CharField(blank=True, max_length=200)),
                ("production_licence", models.CharField(blank=True, max_length=60)),
                ("udi_di", models.CharField(blank=True, max_length=40)),
                ("storage_conditions", models.CharField(blank=True, max_length=160)),
                ("service_life", models.CharField(blank=True, max_length=60)),
                ("unit", models.CharField(blank=True, max_length=20)),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.documentline",
                    ),
                ),
                (
                    "pick",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="warehousing.pick",
                    ),
                ),
                (
                    "demand_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.documentline",
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
                (
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "serial",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "from_container",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.container",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                ("picked", models.PositiveBigIntegerField(default=0)),
                (
                    "picked_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                (
                    "container",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.container",
                    ),
                ),
            ],
            options={
                "verbose_name": "pick line",
                "db_table": "warehousing_pick_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gt", 0), ("picked__lte", models.F("quantity"))
                        ),
                        name="warehousing_pick_line_quantity",
                    )
                ],
            },
        ),
        NewTable(
            name="Shipment",
            fields=[
                (
                    "document_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                (
                    "from_pick",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.pick",
                    ),
                ),
                (
                    "demand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.document",
                    ),
                ),
                (
                    "consignee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "deliver_to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "transit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("shipper_name", models.CharField(blank=True, max_length=200)),
                ("consignee_name", models.CharField(blank=True, max_length=200)),
                ("consignee_address", models.CharField(blank=True, max_length=300)),
                ("consignee_phone", models.CharField(blank=True, max_length=40)),
                ("dispatched_at", models.DateTimeField()),
                ("transport_mode", models.CharField(max_length=60)),
                ("carrier_name", models.CharField(blank=True, max_length=200)),
                ("waybill", models.CharField(blank=True, max_length=60)),
                ("vehicle_plate", models.CharField(blank=True, max_length=20)),
                (
                    "driver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("transport_conditions", models.CharField(blank=True, max_length=200)),
                ("departure_c", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
            ],
            options={
                "verbose_name": "shipment",
                "db_table": "warehousing_shipment",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("vehicle_plate", ""), _negated=True),
                            models.Q(
                                models.Q(("carrier_name", ""), _negated=True),
                                models.Q(("waybill", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="warehousing_shipment_transport",
                    )
                ],
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="ShipmentLine",
            fields=[
                ("device_name", models.CharField(blank=True, max_length=200)),
                ("model", models.CharField(blank=True, max_length=100)),
                ("specification", models.CharField(blank=True, max_length=200)),
                ("registration_number", models.CharField(blank=True, max_length=60)),
                ("registrant_name", models.CharField(blank=True, max_length=200)),
                ("maker_name", models.CharField(blank=True, max_length=200)),
                ("contract_maker_name", models.CharField(blank=True, max_length=200)),
                ("production_licence", models.CharField(blank=True, max_length=60)),
                ("udi_di", models.CharField(blank=True, max_length=40)),
                ("storage_conditions", models.CharField(blank=True, max_length=160)),
                ("service_life", models.CharField(blank=True, max_length=60)),
                ("unit", models.CharField(blank=True, max_length=20)),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.documentline",
                    ),
                ),
                (
                    "shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="warehousing.shipment",
                    ),
                ),
                (
                    "demand_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.documentline",
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
                (
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "serial",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "container",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.container",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
            ],
            options={
                "verbose_name": "shipment line",
                "db_table": "warehousing_shipment_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="warehousing_shipment_some"
                    )
                ],
            },
        ),
        NewTable(
            name="Destruction",
            fields=[
                (
                    "document_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("method", models.CharField(max_length=200)),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("approved_at", models.DateTimeField(null=True)),
                (
                    "destroyed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("destroyed_at", models.DateTimeField(null=True)),
                (
                    "first_witness",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                (
                    "second_witness",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "destruction",
                "db_table": "warehousing_destruction",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("destroyed_at__isnull", True),
                            models.Q(
                                ("first_witness__isnull", False),
                                ("second_witness__isnull", False),
                                models.Q(
                                    ("first_witness", models.F("second_witness")), _negated=True
                                ),
                                models.Q(
                                    ("first_witness", models.F("destroyed_by")), _negated=True
                                ),
                                models.Q(
                                    ("second_witness", models.F("destroyed_by")), _negated=True
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="warehousing_destruction_witnessed",
                    )
                ],
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="TakenLine",
            fields=[
                ("device_name", models.CharField(blank=True, max_length=200)),
                ("model", models.CharField(blank=True, max_length=100)),
                ("specification", models.CharField(blank=True, max_length=200)),
                ("registration_number", models.CharField(blank=True, max_length=60)),
                ("registrant_name", models.CharField(blank=True, max_length=200)),
                ("maker_name", models.CharField(blank=True, max_length=200)),
                ("contract_maker_name", models.CharField(blank=True, max_length=200)),
                ("production_licence", models.CharField(blank=True, max_length=60)),
                ("udi_di", models.CharField(blank=True, max_length=40)),
                ("storage_conditions", models.CharField(blank=True, max_length=160)),
                ("service_life", models.CharField(blank=True, max_length=60)),
                ("unit", models.CharField(blank=True, max_length=20)),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.documentline",
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
                (
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "serial",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "status",
                    models.SmallIntegerField(
                        choices=[(1, "pending inspection"), (2, "qualified"), (3, "rejected")]
                    ),
                ),
                (
                    "container",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.container",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
            ],
            options={
                "verbose_name": "taken line",
                "db_table": "warehousing_taken_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="warehousing_taken_some"
                    )
                ],
            },
        ),
        NewTable(
            name="StockCount",
            fields=[
                (
                    "document_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="documents.document",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("counted_at", models.DateTimeField()),
                ("explanation", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "stock count",
                "db_table": "warehousing_count",
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="StockCountLine",
            fields=[
                ("device_name", models.CharField(blank=True, max_length=200)),
                ("model", models.CharField(blank=True, max_length=100)),
                ("specification", models.CharField(blank=True, max_length=200)),
                ("registration_number", models.CharField(blank=True, max_length=60)),
                ("registrant_name", models.CharField(blank=True, max_length=200)),
                ("maker_name", models.CharField(blank=True, max_length=200)),
                ("contract_maker_name", models.CharField(blank=True, max_length=200)),
                ("production_licence", models.CharField(blank=True, max_length=60)),
                ("udi_di", models.CharField(blank=True, max_length=40)),
                ("storage_conditions", models.CharField(blank=True, max_length=160)),
                ("service_life", models.CharField(blank=True, max_length=60)),
                ("unit", models.CharField(blank=True, max_length=20)),
                (
                    "line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="documents.documentline",
                    ),
                ),
                (
                    "count",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="warehousing.stockcount",
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
                (
                    "lot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.lot",
                    ),
                ),
                (
                    "serial",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.serial",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "container",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stock.container",
                    ),
                ),
                (
                    "status",
                    models.SmallIntegerField(
                        choices=[(1, "pending inspection"), (2, "qualified"), (3, "rejected")]
                    ),
                ),
                ("booked", models.PositiveBigIntegerField()),
                ("counted", models.PositiveBigIntegerField()),
            ],
            options={
                "verbose_name": "stock count line",
                "db_table": "warehousing_count_line",
            },
        ),
        run_sql_file(__file__, "picking.sql"),
        run_sql_file(__file__, "shipping.sql", "DROP SEQUENCE warehousing_sscc"),
        remember_tables(__file__),
    ]
