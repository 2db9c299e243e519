"""Serves the app; start-up command: python serve.py [--bind ADDRESS[:PORT]]."""

import argparse
import logging.config
import os
import sys

from login_app import create_app
from login_app.error_log import LOGGING, watch_strays
from login_app.server import Server, Unbindable, listener
from login_app.settings import Settings, SettingsError


def main() -> int:
    """Exit code 0 after a signal, 1 where a setting or the port cannot work, with one line."""
    parser = argparse.ArgumentParser(description="Serves the login app.", prog="serve.py")
    # All interfaces: App Service reaches the container from outside.
    parser.add_argument("--bind", default="0.0.0.0", metavar="ADDRESS[:PORT]")  # noqa: S104
    options = parser.parse_args()
    logging.config.dictConfig(LOGGING)
    watch_strays()
    try:
        settings = Settings.read(os.environ)
        # The port first: two of us at once must not both touch the database.
        socket = listener(options.bind, settings.port)
        app = create_app(settings)
    except (SettingsError, Unbindable) as error:
        sys.stderr.write(f"login app: {error}\n")
        return 1
    Server(app, socket).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
