"""Settings; what differs between installations comes from the environment or from var/."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from traceward.kernel.base.addresses import host_of
from traceward.kernel.base.secret import secret_key
from traceward.kernel.base.server import database_urls

#: Where this installation keeps its data: var/ lies below it.
HOME = Path(os.environ.get("TRACEWARD_HOME", Path.cwd())).resolve()
#: A sandbox that was kept, such as the demo's, used in place of the installation's own database.
SANDBOX = os.environ.get("TRACEWARD_SANDBOX", "")
VAR = HOME / "var" / SANDBOX


def _database(url: str, application: str) -> dict[str, object]:
    """Django's form of a postgresql:// address; a query of it becomes connection options."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    timeouts = (
        "-c statement_timeout=30000 -c lock_timeout=10000"
        " -c idle_in_transaction_session_timeout=30000"
    )
    given = query.pop("options", "")
    limits = timeouts if application == "app" else ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": SANDBOX or unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", host_of(url)),
        "PORT": query.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {
            # A server that is silent is away: nobody waits for it longer.
            "connect_timeout": "5",
            **query,
            "application_name": f"traceward {application}",
            # Plans are kept on the server: half of a small command's time was planning.
            "server_side_binding": True,
            "prepare_threshold": 2,
            "options": f"{given} -c timezone=UTC {limits}".strip(),
        },
    }


_URLS = database_urls(HOME)
DATABASES = {
    "default": _database(_URLS["app"], "app"),
    "owner": _database(_URLS["owner"], "owner"),
    "verify": _database(_URLS["verify"], "verify"),
}
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

KERNEL = ("base", "org", "records", "documents", "audit", "outbox", "rules", "workflow", "lists")
DOMAIN = (
    "partners",
    "catalog",
    "places",
    "stock",
    "quality",
    "warehousing",
    "purchasing",
    "sales",
    "production",
    "transfers",
    "trace",
    "recalls",
)
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "procrastinate.contrib.django",
    *(f"traceward.kernel.{area}" for area in KERNEL),
    *(f"traceward.domain.{area}" for area in DOMAIN),
    "traceward.resources",
    "traceward.kernel.command",
    "traceward.flows",
    "traceward.jobs",
    "traceward.web",
]
AUTH_USER_MODEL = "org.Person"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]

SECRET_KEY = secret_key(HOME / "var")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("TRACEWARD_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
ROOT_URLCONF = "traceward.urls"
MIDDLEWARE = [
    "traceward.web.requests.watched",
    "traceward.web.proxies.behind_proxies",
    "traceward.api.problems.methods_told",
    # These are for pages: a program brings its key each time and pays for none of them.
    "traceward.web.doors.Compressed",
    "traceward.web.doors.Policies",
    "traceward.web.doors.Sessions",
    "traceward.web.doors.Forms",
    "traceward.web.doors.Accounts",
    "traceward.web.doors.Visitors",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["traceward.web.templatetags.tw"],
            "context_processors": [
                "django.template.context_processors.csrf",
                "traceward.web.kit.shell.around",
            ],
        },
    }
]
#: A page runs our own scripts and styles, and what bears the nonce of this one answer.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
SESSION_COOKIE_NAME = "traceward_session"
#: A visit ends so long after it began, and so long after the person was last there.
SESSION_LASTS = timedelta(hours=float(os.environ.get("TRACEWARD_SESSION_HOURS", "12")))
SESSION_IDLE = timedelta(minutes=float(os.environ.get("TRACEWARD_SESSION_IDLE_MINUTES", "120")))
SESSION_COOKIE_AGE = int(SESSION_LASTS.total_seconds())
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "traceward_csrf"
CSRF_FAILURE_VIEW = "traceward.web.errors.forged"
#: Cookies go over https only where the installation is reached by it.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("TRACEWARD_HTTPS") == "1"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8_000_000

LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
