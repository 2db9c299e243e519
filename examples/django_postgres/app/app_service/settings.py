"""Settings for App Service, which the environment tells: the last line of a project's settings.py.

    from app_service.settings import *  # noqa: F403

The project then adds `app_service` to INSTALLED_APPS, for its command `initial_users`, and puts
`app_service.health.HealthMiddleware` first in MIDDLEWARE.
"""

import os
from pathlib import Path

from app_service.database_url import database

SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = False
DATABASES = {"default": database(os.environ["DATABASE_URL"])}
PASSWORD_HASHERS = ["app_service.hashers.SmallArgon2"]

# App Service ends TLS in front of the app, and says so.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLOWED_HOSTS = [os.environ.get("WEBSITE_HOSTNAME", "127.0.0.1")]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SECURE_HSTS_SECONDS = 31_536_000

# The build on App Service runs collectstatic for whatever has a manage.py.
STATIC_ROOT = Path(__file__).resolve().parent.parent / "staticfiles"

# Standard output belongs to the login events; what Django has to say goes to standard error.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Each of these is an event already, or a row of AppServiceHTTPLogs.
        name: {"level": "ERROR"}
        for name in ("axes", "django.request", "django.security", "django.security.csrf")
    }
    # App Service's own probes come by the container's address, and scanners by any name.
    | {"django.security.DisallowedHost": {"level": "CRITICAL"}},
}
