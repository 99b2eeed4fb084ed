"""What every table shares, and the one row that says which database this is."""

import uuid
from collections.abc import Callable, Collection, Iterable
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models.base import ModelState

from traceward.kernel.base import ids
from traceward.kernel.base.prepared import Prepared
from traceward.kernel.base.refusals import NotFound, sentence

M = TypeVar("M", bound=models.Model)


class LockingQuerySet(models.QuerySet[M]):
    """Rows that are about to be written are fetched through `lock` and nowhere else."""

    def find(self, pk: int | None) -> M | None:
        """The row, if there is one; not locked."""
        rows = self._prepared("find", lambda key: self.filter(pk=key))(pk)
        return rows[0] if rows else None

    def find_all(self, pks: Iterable[int]) -> dict[int, M]:
        """The rows by key, as many as exist; not locked."""
        rows = self._prepared("find_all", lambda keys: self.filter(pk__in=keys))
        return {row.pk: row for row in rows(set(pks))}

    def lock(self, pk: int) -> M:
        """The row, locked until the transaction ends; refused where it does not exist."""
        (row,) = self._prepared("lock", lambda key: self._locking().filter(pk=key))(pk) or (None,)
        if row is None:
            raise self._nothing(pk)
        return row

    def lock_uid(self, uid: uuid.UUID) -> M:
        """The same, by the name that is known outside."""
        pk = self.filter(uid=uid).values_list("pk", flat=True).first()
        if pk is None:
            raise self._nothing(str(uid))
        return self.lock(pk)

    def lock_all(self, pks: Iterable[int]) -> list[M]:
        """The rows in key order, locked; as many as exist."""
        rows = self._prepared(
            "lock_all", lambda keys: self._locking().filter(pk__in=keys).order_by("pk")
        )
        return rows(sorted(set(pks)))

    def _nothing(self, named: int | str) -> NotFound:
        return NotFound(
            sentence("There is no {what} with id {id}. Look it up in its list and try again."),
            what=str(self.model._meta.verbose_name),
            id=named,
        )

    def _locking(self) -> Self:
        return self.select_for_update(no_key=True)

    def _prepared(self, name: str, make: Callable[[Any], Self]) -> Prepared[M]:
        """The query, written once for the model and what is read along with it."""
        key = (name, self.model, str(self.query.select_related))
        assert not self.query.where, "rows are found by their keys alone"
        return _BY_KEY.setdefault(key, Prepared(make))


_BY_KEY: dict[tuple[str, type[models.Model], str], Prepared[Any]] = {}


class Table(models.Model):
    """A table of ours. `append_only` rows are never changed; `deletable` ones hold no history."""

    append_only: ClassVar[bool] = False
    deletable: ClassVar[bool] = False
    #: Rows are never changed either, by right alone: they only wait, or are forgotten in the end.
    insert_only: ClassVar[bool] = False
    #: Written only by database functions that run as the owner; the application may only read.
    guarded: ClassVar[bool] = False
    #: Its foreign keys are looked up once for all rows of a statement (`references`), not row by
    #: row, since thousands of rows are written at once; each says db_constraint=False.
    refers_together: ClassVar[bool] = False
    #: Fields that the application may write once, when the row is made, and never change.
    kept: ClassVar[tuple[str, ...]] = ()
    #: Fields that the verifying role may not read: secrets and personal data.
    private: ClassVar[tuple[str, ...]] = ()

    objects: ClassVar[models.Manager[Any]] = LockingQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def from_db(
        cls, db: str | None, field_names: Collection[str], values: Collection[Any], **_: Any
    ) -> Self:
        """The row as an object. Django would call signals, which we do not use, and set each
        field by a descriptor that forgets a related object, of which a new one has none.
        """
        row = cls.__new__(cls)
        row.__dict__.update(zip(field_names, values, strict=True))
        row._state = ModelState()
        row._state.adding, row._state.db = False, db
        return row


class UidTable(Table):
    """A table whose rows are known outside by a UUIDv7."""

    uid = models.UUIDField(default=ids.new_uid, unique=True, editable=False)

    class Meta:
        abstract = True


class PersonalNote(UidTable):
    """Personal data in one row that can be emptied: never copied into moves, audit or events."""

    private: ClassVar[tuple[str, ...]] = ("text",)
    #: The command that reads it: who asked, and why, is on record.
    reader: ClassVar[str]

    text = models.CharField(max_length=200, blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Database(Table):
    """Which database this is: its identity, and whether its clock may be moved."""

    guarded = True

    id = models.SmallIntegerField(primary_key=True, default=1)
    uid = models.UUIDField(default=uuid.uuid4)
    is_sandbox = models.BooleanField()
    clock_offset = models.DurationField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "base_database"
