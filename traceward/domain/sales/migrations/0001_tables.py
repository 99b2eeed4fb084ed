import django.db.models.deletion
from django.db import migrations, models

import traceward.kernel.base.ids
from traceward.kernel.base.sqlfile import remember_tables
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
        ("warehousing", "0001_tables"),
    ]

    operations = [
        NewTable(
            name="SalesOrder",
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
                    "customer",
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
                ("customer_name", models.CharField(blank=True, max_length=200)),
                ("customer_phone", models.CharField(blank=True, max_length=40)),
                ("customer_reference", models.CharField(blank=True, max_length=60)),
                ("delivery_address", models.CharField(blank=True, max_length=300)),
                ("ordered_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "transfer_point",
                    models.CharField(
                        choices=[("delivery", "when signed for"), ("use", "when used")],
                        default="delivery",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "verbose_name": "sales order",
                "db_table": "sales_order",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("customer_reference", ""), _negated=True),
                        fields=("customer", "customer_reference"),
                        name="sales_order_reference_once",
                    )
                ],
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="SalesOrderLine",
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
                ("quantity", models.BigIntegerField()),
                ("unit_price", models.DecimalField(decimal_places=6, max_digits=18)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=18)),
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
                ("customer_licence", models.CharField(blank=True, max_length=60)),
            ],
            options={
                "verbose_name": "sales order line",
                "db_table": "sales_order_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="sales_order_line_quantity"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gte", 0)), name="sales_order_line_amount"
                    ),
                ],
            },
        ),
        NewTable(
            name="Delivery",
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
                    "of_shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.shipment",
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
                ("signed_at", models.DateTimeField()),
                (
                    "handed_over_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.person",
                    ),
                ),
                ("remark", models.CharField(blank=True, max_length=300)),
                ("arrival_c", models.DecimalField(decimal_places=1, max_digits=5, null=True)),
            ],
            options={
                "verbose_name": "delivery",
                "db_table": "sales_delivery",
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="DeliveryLine",
            fields=[
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
                    "order_line",
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
                ("quantity", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "delivery line",
                "db_table": "sales_delivery_line",
            },
        ),
        NewTable(
            name="CustomerReturn",
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
                    "of_shipment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.shipment",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.party",
                    ),
                ),
                (
                    "from_place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "of_receipt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="warehousing.receipt",
                    ),
                ),
                ("returned_on", models.DateField(null=True)),
                ("quality_state", models.CharField(blank=True, max_length=300)),
                ("transport_conditions", models.CharField(blank=True, max_length=200)),
                ("storage_conditions", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "verbose_name": "customer return",
                "db_table": "sales_return",
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="CustomerReturnLine",
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
                    "of_return",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="sales.customerreturn",
                    ),
                ),
                (
                    "order_line",
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
                ("quantity", models.PositiveBigIntegerField()),
                ("received", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "customer return line",
                "db_table": "sales_return_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gt", 0), ("received__lte", models.F("quantity"))
                        ),
                        name="sales_return_line_quantity",
                    )
                ],
            },
        ),
        NewTable(
            name="Usage",
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
                ("used_on", models.DateField()),
            ],
            options={
                "verbose_name": "usage",
                "db_table": "sales_usage",
            },
            bases=("documents.document",),
        ),
        NewTable(
            name="UsageLine",
            fields=[
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
                ("quantity", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "usage line",
                "db_table": "sales_usage_line",
            },
        ),
        NewTable(
            name="ConsignmentSale",
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
                    "usage_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.usageline",
                    ),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.salesorderline",
                    ),
                ),
                ("quantity", models.PositiveBigIntegerField()),
                ("unit_price", models.DecimalField(decimal_places=6, max_digits=18, null=True)),
                ("amount", models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("sold_on", models.DateField()),
            ],
            options={
                "verbose_name": "consignment sale",
                "db_table": "sales_consignment_sale",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="sales_consignment_some"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount", None), ("order_line", None), ("unit_price", None)),
                            models.Q(
                                ("amount__isnull", False),
                                ("order_line__isnull", False),
                                ("unit_price__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="sales_consignment_priced",
                    ),
                ],
            },
        ),
        NewTable(
            name="PatientReference",
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
                    "usage_line",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.usageline",
                    ),
                ),
            ],
            options={
                "verbose_name": "patient reference",
                "db_table": "sales_patient_reference",
            },
        ),
        NewTable(
            name="DeliveryReceiver",
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
                    "delivery",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.delivery",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery receiver",
                "db_table": "sales_delivery_receiver",
            },
        ),
        NewTable(
            name="OrderContact",
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
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.salesorder",
                    ),
                ),
            ],
            options={
                "verbose_name": "order contact",
                "db_table": "sales_order_contact",
            },
        ),
        remember_tables(__file__),
    ]
