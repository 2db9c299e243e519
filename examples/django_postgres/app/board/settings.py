"""Settings of the notice board; what differs from place to place comes from the environment."""

import os
from datetime import timedelta
from pathlib import Path

from board.database_url import database

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = False
ADMIN_ENABLED = os.environ.get("ADMIN_ENABLED", "false") == "true"
HEALTH_PATH = "/health"

INSTALLED_APPS = [
    "login_events",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *(["django.contrib.admin"] if ADMIN_ENABLED else []),
    "axes",
    "board",
]
MIDDLEWARE = [
    "login_events.middleware.LoginEventsMiddleware",
    "board.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # The admin alone has files of its own.
    *(["whitenoise.middleware.WhiteNoiseMiddleware"] if ADMIN_ENABLED else []),
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "board.rate_limit.RateLimitMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "board.urls"
WSGI_APPLICATION = "board.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": database(os.environ["DATABASE_URL"])}

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator")
]
PASSWORD_HASHERS = ["board.hashers.SmallArgon2"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "index"

# A name is locked for one address only: nobody can lock somebody else out from afar.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "login_events.attempt.client_ip"
AXES_DISABLE_ACCESS_LOG = True
SIGN_INS_PER_MINUTE = 30
"""Of one address."""

# App Service ends TLS in front of the app, and says so.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLOWED_HOSTS = [os.environ.get("WEBSITE_HOSTNAME", "127.0.0.1")]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SECURE_HSTS_SECONDS = 31_536_000

TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

# Standard output belongs to the login events; what Django has to say goes to standard error.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Each of these is an event already, or a line of AppServiceHTTPLogs.
        name: {"level": "ERROR"}
        for name in ("axes", "django.request", "django.security", "django.security.csrf")
    },
}
