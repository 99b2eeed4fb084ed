"""The WSGI application that `traceward serve` runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "traceward.settings")
application = get_wsgi_application()
