"""The app as Django knows it."""

from importlib import import_module

from django.apps import AppConfig


class LoginEventsConfig(AppConfig):
    """Listens to the signals of django.contrib.auth.

    First in INSTALLED_APPS it hears them before a throttle does, and tells a password that was
    looked at from one that was not.
    """

    name = "login_events"

    def ready(self) -> None:
        import_module("login_events.receivers")
