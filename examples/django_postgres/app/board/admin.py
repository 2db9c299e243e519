"""Notices in the admin."""

from django.contrib import admin

from board.models import Notice

admin.site.register(Notice)
