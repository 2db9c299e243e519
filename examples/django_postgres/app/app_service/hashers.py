"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallArgon2(Argon2PasswordHasher):
    """12 MiB and three passes, the least that OWASP's Password Storage Cheat Sheet takes.

    Django's own hundred MiB for each sign-in would fill a B1 with a dozen of them at once.
    """

    time_cost = 3
    memory_cost = 12288  # KiB
    parallelism = 1
