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
            name="Event",
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
                ("command_id", models.BigIntegerField()),
                ("ordinal", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("name", models.CharField(max_length=150)),
                ("subject", models.UUIDField(null=True)),
                ("data", models.JSONField()),
            ],
            options={
                "verbose_name": "event",
                "db_table": "outbox_event",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("command_id", "ordinal"), name="outbox_event_ordinal"
                    )
                ],
            },
        ),
        NewTable(
            name="QueuedCommand",
            fields=[
                ("command_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("cluster", models.BigIntegerField()),
                ("xid", models.CharField(max_length=20)),
            ],
            options={
                "db_table": "outbox_queue",
                "managed": False,
            },
        ),
        NewTable(
            name="CommandOrder",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("command_id", models.BigIntegerField(unique=True)),
            ],
            options={
                "verbose_name": "command order",
                "db_table": "outbox_order",
            },
        ),
        NewTable(
            name="HandlerProgress",
            fields=[
                ("handler", models.CharField(max_length=150, primary_key=True, serialize=False)),
                ("last_sequence", models.BigIntegerField(default=0)),
                ("last_ordinal", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "handler progress",
                "db_table": "outbox_progress",
            },
        ),
        NewTable(
            name="ParkedEvent",
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
                ("handler", models.CharField(max_length=150)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="outbox.event",
                    ),
                ),
                ("parked_at", models.DateTimeField()),
                ("why", models.TextField()),
                ("solved_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "parked event",
                "db_table": "outbox_parked",
                "constraints": [
                    models.UniqueConstraint(fields=("handler", "event"), name="outbox_parked_once")
                ],
            },
        ),
        NewTable(
            name="Webhook",
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
                ("name", models.CharField(max_length=200)),
                ("url", models.CharField(max_length=500)),
                ("patterns", models.JSONField()),
                (
                    "legal_entity",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.legalentity",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="org.site",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("paused", "paused"),
                            ("removed", "removed"),
                        ],
                        default="active",
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("secret", models.BinaryField()),
                ("former_secret", models.BinaryField(default=b"")),
                ("former_secret_until", models.DateTimeField(null=True)),
                ("last_sequence", models.BigIntegerField()),
                ("last_ordinal", models.PositiveIntegerField()),
                ("replays", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failing_since", models.DateTimeField(null=True)),
                ("resting_until", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "webhook",
                "db_table": "outbox_webhook",
            },
        ),
        NewTable(
            name="WebhookDelivery",
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
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="outbox.webhook",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="outbox.event",
                    ),
                ),
                ("sequence", models.BigIntegerField()),
                ("ordinal", models.PositiveIntegerField()),
                ("subject", models.UUIDField()),
                ("replay", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("delivered", "delivered"),
                            ("parked", "parked"),
                            ("skipped", "skipped"),
                            ("replaced", "replaced"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("why", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "webhook delivery",
                "db_table": "outbox_webhook_delivery",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "parked"])),
                        fields=["webhook", "subject", "sequence", "ordinal"],
                        name="outbox_webhook_delivery_open",
                    ),
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["webhook", "due_at"],
                        name="outbox_webhook_delivery_due",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("webhook", "event", "replay"), name="outbox_webhook_delivery_once"
                    )
                ],
            },
        ),
        NewTable(
            name="WebhookAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="outbox.webhookdelivery",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("milliseconds", models.PositiveIntegerField()),
                ("status", models.PositiveIntegerField()),
                ("answer", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "verbose_name": "webhook attempt",
                "db_table": "outbox_webhook_attempt",
            },
        ),
        NewTable(
            name="Mail",
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
                ("about", models.UUIDField()),
                ("address", models.CharField(max_length=254)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("heading", models.CharField(max_length=300)),
                ("body", models.TextField()),
                ("secret", models.BinaryField(default=b"")),
                ("queued_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "mail queued"),
                            ("sent", "mail sent"),
                            ("failed", "mail failed"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("outlet", models.CharField(blank=True, max_length=10)),
                ("why", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "verbose_name": "e-mail",
                "db_table": "outbox_mail",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "queued")),
                        fields=["due_at"],
                        name="outbox_mail_due",
                    )
                ],
            },
        ),
        run_sql_file(__file__, "outbox.sql"),
        remember_tables(__file__),
    ]
