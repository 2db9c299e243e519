"""The detections by what happens to the app, as a reader looks for them."""

from collections.abc import Iterable
from typing import Final

_FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "One address guesses passwords": (
        "brute_force_from_one_address",
        "password_spray",
        "user_enumeration",
        "default_account_names",
        "low_and_slow_guessing",
        "rotating_user_agents",
        "scripted_sign_ins",
        "csrf_failures",
    ),
    "Many addresses guess together": (
        "brute_force_on_one_account",
        "credential_stuffing",
        "distributed_guessing",
        "guessing_from_neighbouring_addresses",
        "botnet_with_one_user_agent",
        "slow_guessing_on_one_account",
    ),
    "Somebody may have got in": (
        "success_after_failures",
        "success_after_spray",
        "success_after_distributed_guessing",
        "sign_in_from_new_network",
        "account_in_many_places",
        "break_glass_account_used",
        "scm_or_ftp_sign_in",
        "database_sign_in_failures",
        "probe_may_have_worked",
    ),
    "Somebody looks for a hole": (
        "access_restriction_hits",
        "client_error_burst",
        "malformed_requests",
        "method_abuse",
        "not_found_scan",
        "scanner_fingerprint",
        "sensitive_file_probe",
    ),
    "Somebody tries an exploit": ("*_probe",),
    "The app or its users suffer": (
        "request_flood",
        "slow_responses",
        "limit_storm",
        "known_people_locked_out",
        "client_errors_above_usual",
        "app_restarts",
    ),
    "A day is unlike others": (
        "sign_in_failures_above_usual",
        "sign_ins_unlike_usual",
        "visitors_unlike_usual",
    ),
    "The watch itself fails": (
        "no_log_lines",
        "ingestion_delay",
        "log_store_full",
        "monitoring_changed",
    ),
}
"""`*_probe` stands for the probes that no other family names."""


def of(slugs: Iterable[str]) -> dict[str, list[str]]:
    """The families of these detections; ValueError for one that no family takes."""
    known = set(slugs)
    named = {slug for family in _FAMILIES.values() for slug in family}
    probes = sorted(each for each in known if each.endswith("_probe") and each not in named)
    found = {
        family: probes if listed == ("*_probe",) else [each for each in listed if each in known]
        for family, listed in _FAMILIES.items()
    }
    if lost := known - {slug for family in found.values() for slug in family}:
        names = ", ".join(sorted(lost))
        raise ValueError(f"{names}: in no family; expected a line in docs/families.py")
    return found
