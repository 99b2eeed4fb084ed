"""How people like to see their lists."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from traceward.kernel.base.models import UidTable
from traceward.kernel.org.models import Person

#: Everybody who may read the list, as the audience of a view.
EVERYBODY = "*"


class ListView(UidTable):
    """A question over a list under a name; without a name, how the person sees the list itself."""

    deletable: ClassVar[bool] = True
    kept: ClassVar[tuple[str, ...]] = ("person", "list_name")

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    #: What is read, such as "stock.lots".
    list_name = models.CharField(max_length=100)
    name = models.CharField(max_length=60, blank=True)
    #: Filters, search and order, as an address has them.
    question = models.CharField(max_length=2000, blank=True)
    #: What is shown of each row, in order; empty is what the page declares.
    columns = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    #: Who else sees it: nobody, everybody, or the holders of this role.
    audience = models.CharField(max_length=40, blank=True)
    #: Of the row without a name: the view that the list opens with.
    first = models.CharField(max_length=60, blank=True)

    class Meta:
        db_table = "lists_view"
        verbose_name = "view"
        constraints = (
            models.UniqueConstraint(fields=["person", "list_name", "name"], name="lists_view_name"),
        )
        indexes = (models.Index(fields=["list_name"], name="lists_view_list"),)
