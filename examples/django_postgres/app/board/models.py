"""What the notice board keeps."""

from django.conf import settings
from django.db import models


class Notice(models.Model):
    """A few words, pinned up by somebody."""

    text = models.CharField(max_length=280)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    pinned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pinned_at",)

    def __str__(self) -> str:
        return self.text
