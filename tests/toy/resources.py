"""Thermometers as pages, API and exports show them."""

from tests.toy.models import Thermometer
from traceward.resources.kit import resource, shared
from traceward.resources.labels.resources import RESOURCES
from traceward.resources.labels.verbs import VERBS

RESOURCES["toy.thermometers"] = ("温度计", "Thermometers", "Thermometer")
VERBS["toy.register"] = ("启用温度计", "Register thermometer")
resource(
    "toy.thermometers",
    Thermometer,
    scope=shared,
    columns=("id", "uid", "code", "name_zh", "name_en", "valid_until"),
    search=("code", "name_zh", "name_en"),
)
