"""The WSGI entry: gunicorn's `wsgi:app`."""

import os
import sys

from login_app import create_app
from login_app.settings import Settings, SettingsError

# gunicorn ends, instead of starting worker after worker, when one leaves with this code.
APP_LOAD_ERROR = 4

try:
    app = create_app(Settings.read(os.environ))
except SettingsError as error:
    sys.stderr.write(f"login app: {error}\n")
    raise SystemExit(APP_LOAD_ERROR) from None
