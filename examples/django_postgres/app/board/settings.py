"""Settings of the notice board; what differs from place to place comes from the environment."""

import os
from datetime import timedelta

ADMIN_ENABLED = os.environ.get("ADMIN_ENABLED", "false") == "true"

INSTALLED_APPS = [
    "login_events",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *(["django.contrib.admin"] if ADMIN_ENABLED else []),
    "axes",
    "app_service",
    "board",
]
MIDDLEWARE = [
    "login_events.middleware.LoginEventsMiddleware",
    "app_service.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # The admin alone has files of its own.
    *(["whitenoise.middleware.WhiteNoiseMiddleware"] if ADMIN_ENABLED else []),
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "app_service.rate_limit.RateLimitMiddleware",
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

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator")
]
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

TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"

from app_service.settings import *  # noqa: E402, F403  last, because it wins
