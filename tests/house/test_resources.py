"""Every table of ours is read by a resource, or says why it is not; columns keep no secret."""

from django.apps import apps

from traceward.kernel.base.models import Table
from traceward.resources.kit import EVERYBODY, QUESTIONS, RESOURCES

#: Tables that no resource shows, and why.
NOT_READ = {
    "base.Database": "one row; the health page says what it says",
    "command.AnsweredRequest": "answers are given again to who asked, and to nobody else",
    "documents.NumberSeries": "the next number is nobody's before it is given",
    "outbox.QueuedCommand": "waits for milliseconds; the health page counts it",
    "partners.Salesperson": "personal: kept with the letter of authorisation",
    "records.StoredFile": "read as the file of a document, in the document's scope",
    "sales.DeliveryReceiver": "personal: read by a command that keeps who read it and why",
    "sales.OrderContact": "personal: read with the delivery note",
    "sales.PatientReference": "personal: read by a command that keeps who read it and why",
    "stock.Checkpoint": "makes questions about the past quick; says nothing of its own",
    "stock.CheckpointItem": "makes questions about the past quick; says nothing of its own",
    "stock.VoidTransformation": "genealogy leaves such edges out",
    "warehousing.ReceiptDeliverer": "personal: who signed beside us, kept with the receipt",
}


def test_every_table_is_read() -> None:
    shown = {resource.model for resource in RESOURCES.values()}
    ours = [model for model in apps.get_models() if issubclass(model, Table)]
    missing = sorted(
        m._meta.label for m in ours if m not in shown and m._meta.label not in NOT_READ
    )
    assert not missing, (
        "declare a resource in traceward/resources (docs/guides/declare-a-resource.md), or say in "
        "NOT_READ why nobody reads it:\n" + "\n".join(missing)
    )
    needless = sorted(label for label in NOT_READ if apps.get_model(label) in shown)
    assert not needless, f"these are read; take them out of NOT_READ: {needless}"


def test_no_column_shows_what_is_private() -> None:  # SEC-01
    shown = []
    for resource in RESOURCES.values():
        for column in resource.columns.values():
            if column.name in resource.made:
                continue
            model = column.field.model
            if column.field.name in getattr(model, "private", ()):
                shown.append(f"{resource.name}.{column.name}")
    assert not shown, f"private columns are shown to nobody: {shown}"


def test_search_order_and_parts_name_columns() -> None:
    for resource in RESOURCES.values():
        named = {*resource.search, *resource.only, *(n.removeprefix("-") for n in resource.order)}
        assert named <= set(resource.columns), (resource.name, named - set(resource.columns))
        for part, column in resource.parts.values():
            assert column in RESOURCES[part].columns, (resource.name, part, column)


def test_the_auditor_may_read_everything() -> None:  # ORG-02
    for reading in (*RESOURCES.values(), *QUESTIONS.values()):
        assert "auditor" in {role.code for role in reading.readers}, reading.name
    assert "system" not in {role.code for role in EVERYBODY}
