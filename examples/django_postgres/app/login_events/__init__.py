"""Writes one line of JSON for each sign-in and sign-out, as App Service's console log takes it.

Two lines of settings: `login_events` first in INSTALLED_APPS, and first in MIDDLEWARE
`login_events.middleware.LoginEventsMiddleware`. Nothing here belongs to one project.
"""
