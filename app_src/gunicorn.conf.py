"""How gunicorn serves the app; start-up command: gunicorn --config gunicorn.conf.py wsgi:app."""

import os
import sys

from login_app.error_log import LOGGING
from login_app.settings import Settings, SettingsError

# Read here too: the master refuses before it opens a port, with one line and no traceback.
try:
    _settings = Settings.read(os.environ)
except SettingsError as error:
    sys.stderr.write(f"login app: {error}\n")
    raise SystemExit(1) from None

# All interfaces: App Service reaches the container from outside; elsewhere give --bind.
bind = f"0.0.0.0:{_settings.port}"

# One worker, because limits in memory are counted per process. argon2 releases the GIL, so that
# eight threads do hash passwords on several cores.
workers = 1
worker_class = "gthread"
threads = 8

# Longer than a front end keeps an idle connection on average; a short one resets reused ones.
keepalive = 75
graceful_timeout = 10

# stdout belongs to the login events: no access log, errors to stderr, one line each.
accesslog = None
errorlog = "-"
logconfig_dict = LOGGING

# Nobody's word is taken for scheme or path; the client address has its own module.
forwarded_allow_ips = ""
control_socket_disable = True
