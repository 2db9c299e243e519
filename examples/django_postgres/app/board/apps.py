"""The notice board as Django knows it."""

from django.apps import AppConfig


class BoardConfig(AppConfig):
    """Notices that whoever is signed in may pin up."""

    name = "board"
    default_auto_field = "django.db.models.BigAutoField"
