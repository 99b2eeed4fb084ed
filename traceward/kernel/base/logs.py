"""What servers and workers log: one JSON object a line, or plain lines for a terminal.

TRACEWARD_LOG is json or text; without it a terminal gets text and everything else JSON. A line
says who did what, when, how it ended and how long it took: never arguments, tokens, passwords or
what a record holds.
"""

import json
import logging
import os
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

FORM = "TRACEWARD_LOG"
#: What the database says about values that it refused stays out of the log.
VALUES = re.compile(r"^(DETAIL|CONTEXT|HINT):.*(\n(?!\S).*)*\n?", re.MULTILINE)
MAX_FAULT = 20_000


def fields(**given: Any) -> dict[str, Any]:
    """What a line says besides its message, as `extra` of a logging call."""
    return {"fields": given}


class Lines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _without_values(record.getMessage()),
            "process": record.process,
            **_fields_of(record),
        }
        if record.exc_info:
            told["fault"] = fault_of(record)
        return json.dumps(told, ensure_ascii=False, default=str)


class Plain(logging.Formatter):
    """The same for people."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        parts = [at, record.levelname.lower(), _without_values(record.getMessage())]
        parts += [f"{name}={value}" for name, value in _fields_of(record).items()]
        told = " ".join(parts)
        return f"{told}\n{fault_of(record)}" if record.exc_info else told


def _fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """The line's own fields, and the request's id where Django's own logger names a request."""
    found: dict[str, Any] = dict(getattr(record, "fields", {}))
    request_id = getattr(getattr(record, "request", None), "request_id", None)
    if request_id is not None:
        found.setdefault("request_id", str(request_id))
    return {name: value for name, value in found.items() if value is not None}


def fault_of(record: logging.LogRecord) -> str:
    """The traceback, without the values that the database adds to its messages."""
    assert record.exc_info
    return _without_values("".join(traceback.format_exception(*record.exc_info)))[-MAX_FAULT:]


def _without_values(text: str) -> str:
    return VALUES.sub("", text).rstrip("\n")


def is_json(stream: TextIO) -> bool:
    """Whether lines are JSON: as TRACEWARD_LOG says, else where no terminal reads them."""
    form = os.environ.get(FORM, "")
    return form == "json" or (form != "text" and not stream.isatty())


def set_up(stream: TextIO | None = None) -> None:
    """From here on this process logs what it does; for servers and workers only."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines() if is_json(stream) else Plain())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.INFO)
    for name in ("httpx", "httpcore", "asyncio", "procrastinate", "psycopg.pool"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("django.request").setLevel(logging.ERROR)  # the rest has a line of ours


def server_settings() -> dict[str, Any]:
    """The same form for the lines of the web server itself, as it wants to be told."""
    form = Lines if is_json(sys.stderr) else Plain
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": f"{form.__module__}.{form.__name__}"}},
        "handlers": {
            "ours": {
                "class": "logging.StreamHandler",
                "formatter": "ours",
                "stream": "ext://sys.stderr",
            }
        },
        "loggers": {
            "_granian": {"handlers": ["ours"], "level": "INFO", "propagate": False},
            "granian.access": {"handlers": ["ours"], "level": "INFO", "propagate": False},
        },
    }
