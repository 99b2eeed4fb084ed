"""A worker that only sends webhooks: `python -m tests.kernel.sending_worker DATABASE`."""

import sys
import threading

import django

django.setup()

from tests.databases import point_at  # noqa: E402  # only after Django is set up
from traceward.kernel.command.sending import Sender  # noqa: E402

point_at(sys.argv[1])
Sender(2).run_until(threading.Event())
