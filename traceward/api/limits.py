"""How often an account, and a stranger, may ask the API."""

import os

from traceward.kernel.base.limits import Limit


def _number(name: str, default: float) -> float:
    return float(os.environ.get(name) or default)


_workers = _number("TRACEWARD_WORKERS", 1)
#: Requests of one account.
ACCOUNTS = Limit(
    _number("TRACEWARD_REQUESTS_PER_SECOND", 200) / _workers,
    _number("TRACEWARD_REQUEST_BURST", 1_000) / _workers,
)
#: Keys and tokens that opened nothing, from one address.
STRANGERS = Limit(0.5, 30)
