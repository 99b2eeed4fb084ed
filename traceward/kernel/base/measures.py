"""What is measured, with the values that it can have: beyond them it was misread or mistyped."""

from decimal import Decimal
from typing import Annotated

from pydantic import Field

#: Degrees: colder than liquid nitrogen nothing is kept or sent, hotter than a steriliser neither.
Celsius = Annotated[Decimal, Field(ge=-200, le=200)]
