"""The WSGI entry, `wsgi:app`, for a server of one's own; serve.py is what App Service starts."""

import os
import sys

from login_app import create_app
from login_app.settings import Settings, SettingsError

try:
    app = create_app(Settings.read(os.environ))
except SettingsError as error:
    sys.stderr.write(f"login app: {error}\n")
    raise SystemExit(1) from None
