"""Thermometers come into use."""

from datetime import date

from tests.toy.models import Thermometer
from traceward.kernel.command.actor import Actor
from traceward.kernel.command.people import require_code, taken, whole_group
from traceward.kernel.command.run import command
from traceward.kernel.command.write import created
from traceward.kernel.org.roles import SUPERVISOR


@command("toy.register", roles=(SUPERVISOR,), scope=whole_group)
def register(code: str, valid_until: date, *, name_zh: str = "", by: Actor) -> int:
    """It may be measured with until its calibration ends."""
    code = require_code(code, 30)
    if Thermometer.objects.filter(code=code).exists():
        raise taken(code)
    made = Thermometer.objects.create(code=code, valid_until=valid_until, name_zh=name_zh)
    created(made, by=by)
    return int(made.pk)
