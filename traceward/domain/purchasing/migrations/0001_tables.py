import django.db.models.deletion
from django.db import migrations, models

from traceward.kernel.base.sqlfile import remember_tables
from traceward.kernel.base.tables import NewTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("base", "0001_tables"),
        ("catalog", "0001_tables"),
        ("documents", "0001_tables"),
        ("org", "0001_tables"),
        ("warehousing", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="PurchaseOrder",
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
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                ("supplier_name", models.CharField(blank=True, max_length=200)),
                ("currency", models.CharField(max_length=3)),
                ("ordered_on", models.DateField()),
                ("wanted_on", models.DateField(null=True)),
                ("quality_terms", models.TextField(blank=True)),
                ("after_sales_terms", models.TextField(blank=True)),
                ("agreement_number", models.CharField(blank=True, max_length=60)),
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
            ],
            options={
                "verbose_name": "purchase order",
                "db_table": "purchasing_order",
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="PurchaseOrderLine",
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
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="purchasing.purchaseorder",
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
                ("quantity", models.PositiveBigIntegerField()),
                ("unit_price", models.DecimalField(decimal_places=6, max_digits=18)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=18)),
            ],
            options={
                "verbose_name": "purchase order line",
                "db_table": "purchasing_order_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="purchasing_order_some"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0), ("unit_price__gte", 0)),
                        name="purchasing_order_price",
                    ),
                ],
            },
        ),
        NewTable(
            name="SupplierReturn",
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
                    "of_receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.receipt",
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
                ("reason", models.CharField(max_length=300)),
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
                ("sent_at", models.DateTimeField(null=True)),
                ("transport_mode", models.CharField(blank=True, max_length=60)),
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
                "verbose_name": "return to supplier",
                "db_table": "purchasing_return",
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="ShippingNotice",
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
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="purchasing.purchaseorder",
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
                ("reference", models.CharField(max_length=60)),
                ("expected_on", models.DateField(null=True)),
            ],
            options={
                "verbose_name": "shipping notice",
                "db_table": "purchasing_notice",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("supplier", "reference"), name="purchasing_notice_once"
                    )
                ],
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="ShippingNoticeLine",
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
                    "notice",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="purchasing.shippingnotice",
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="purchasing.purchaseorderline",
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
                ("di", models.CharField(max_length=40)),
                ("lot_number", models.CharField(blank=True, max_length=40)),
                ("serial_number", models.CharField(blank=True, max_length=40)),
                ("expires_on", models.DateField(null=True)),
                ("raw", models.TextField()),
            ],
            options={
                "verbose_name": "shipping notice line",
                "db_table": "purchasing_notice_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="purchasing_notice_some"
                    )
                ],
            },
        ),
        remember_tables(__file__),
    ]
