"""The WSGI application that `traceward serve` runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
application = get_wsgi_application()

from traceward.web.statics import with_statics  # noqa: E402  # the settings come first

application = with_statics(application)
