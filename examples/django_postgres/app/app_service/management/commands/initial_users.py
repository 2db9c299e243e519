"""Accounts that are there from the beginning: `python manage.py initial_users`."""

import json
import os

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Those of INITIAL_USERS, a JSON object of passwords by name; nobody is changed."""

    help = "Creates the accounts of INITIAL_USERS that are not there yet."

    def handle(self, *args: object, **options: object) -> None:
        try:
            given = json.loads(os.environ.get("INITIAL_USERS") or "{}")
        except json.JSONDecodeError:
            raise CommandError("INITIAL_USERS is no JSON; expected {name: password}") from None
        if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
            raise CommandError("INITIAL_USERS is not understood; expected {name: password}")
        model = get_user_model()
        known = set(model.objects.values_list("username", flat=True))
        names = [model.normalize_username(name) for name in given]
        model.objects.bulk_create(
            model(username=name, password=make_password(password))
            for name, password in zip(names, given.values(), strict=True)
            if name not in known
        )
