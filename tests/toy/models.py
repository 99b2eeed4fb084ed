"""Thermometers that a warehouse measures with."""

from django.db import models

from traceward.kernel.org.models import Named


class Thermometer(Named):
    """A thermometer, and until when its calibration counts."""

    code = models.CharField(max_length=30, unique=True)
    valid_until = models.DateField()

    class Meta:
        db_table = "toy_thermometer"
        verbose_name = "thermometer"
