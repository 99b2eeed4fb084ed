"""The code systems that give a UDI-DI, and the sentences for what may be wrong in any of them."""

from collections.abc import Callable
from typing import Final

from traceward.kernel.base import ahm, gs1, hibc, ma
from traceward.kernel.base.gs1 import CodeProblem, normalise_gtin

#: Not an agency: codes of our own, for what has no UDI-DI.
OWN: Final = "own"

_NORMALISED: Final[dict[str, Callable[[str], str]]] = {
    "GS1": lambda di: normalise_gtin(di.strip()),
    "HIBC": hibc.check_di,
    "MA": ma.check_di,
    "AHM": ahm.check_di,
}
AGENCIES: Final = tuple(_NORMALISED)

MESSAGES: Final = {**gs1.MESSAGES, **hibc.MESSAGES, **ma.MESSAGES, **ahm.MESSAGES}


def normalise_di(agency: str, di: str) -> str:
    """The UDI-DI as it is stored and compared; refused where the agency gives none like it."""
    return _NORMALISED[agency](di)


def explain(problem: CodeProblem, language: str = "en") -> str:
    """The sentence for a problem with a code of any system."""
    return gs1.explain(problem, language, messages=MESSAGES)
