"""What App Service on Linux offers: plan sizes and Python versions. Pure: no pulumi, no I/O."""

import re
from typing import NamedTuple

# From Azure's page "App Service pricing" for Linux; the shared plan D1 is for Windows only.
SKUS = (
    "F1",
    *("B1", "B2", "B3"),
    *("S1", "S2", "S3"),
    *("P0v3", "P1v3", "P2v3", "P3v3"),
    *("P1mv3", "P2mv3", "P3mv3", "P4mv3", "P5mv3"),
    *("P0v4", "P1v4", "P2v4", "P3v4"),
    *("P1mv4", "P2mv4", "P3mv4", "P4mv4", "P5mv4"),
)
# Sizes for web apps that Azure takes and this program does not offer.
_OTHER_SIZES = re.compile(
    r"(?i)D1|P[1-3](V2)?|I[1-6]V2|I[1-5]MV2",
)
# Azure answers "AlwaysOn cannot be set for this site" (409, code 01020) here, and wants 32 bits.
_WITHOUT_ALWAYS_ON = ("F1", "D1")

# Still maintained by python.org and offered as PYTHON|<version>; the app needs 3.11.
PYTHON_VERSIONS = ("3.11", "3.12", "3.13", "3.14")

# Most instances of a plan by the first letter of its size ("Azure subscription and service limits",
# App Service; Premium takes 30 in every region; Isolated is for App Service Environments).
_INSTANCES = {"F": 1, "D": 1, "B": 3, "S": 10, "P": 30, "I": 100}
# "Reliability in Azure App Service": Premium v2, v3 and v4, Isolated v2, and at least two
# instances.
_ZONE_REDUNDANT = re.compile(r"(?i)P\d+M?V[234]|I\d+M?V2")
ZONE_REDUNDANT_INSTANCES = 2


class Refusal(NamedTuple):
    """An input that cannot work with the others; `key` is its name among LoginApp's inputs."""

    key: str
    value: object
    problem: str
    expectation: str

    def __str__(self) -> str:
        return f"{self.key} {self.value} {self.problem}; {self.expectation}"


def is_size(sku: str) -> bool:
    """Whether Azure runs web apps in a plan of this size."""
    known = sku.upper() in {each.upper() for each in SKUS}
    return known or _OTHER_SIZES.fullmatch(sku) is not None


def is_windows_only(sku: str) -> bool:
    """Whether no app on Linux runs in a plan of this size: the shared one."""
    return sku.upper() == "D1"


def is_isolated(sku: str) -> bool:
    """Whether a plan of this size is of an App Service Environment, and of nothing else."""
    return sku[:1].upper() == "I"


def has_always_on(sku: str) -> bool:
    """Whether the plan keeps an idle app loaded and runs 64-bit workers."""
    return sku.upper() not in _WITHOUT_ALWAYS_ON


def joins_networks(sku: str) -> bool:
    """Whether an app can be joined to a virtual network: from Basic on."""
    return has_always_on(sku)


def most_instances(sku: str) -> int:
    """How many instances a plan of this size takes."""
    return _INSTANCES.get(sku[:1].upper(), 1)


def is_zone_redundant(sku: str) -> bool:
    """Whether a plan of this size can be spread over availability zones."""
    return _ZONE_REDUNDANT.fullmatch(sku) is not None


def refusals(
    sku: str,
    *,
    instances: int = 1,
    zone_redundant: bool = False,
    joins_network: bool = False,
    shares_limits: bool = False,
    shares_users: bool = False,
) -> list[Refusal]:
    """What cannot work with a plan of this size, or with that many instances.

    `shares_limits` and `shares_users`: every instance counts in one Redis, asks one database.
    """
    found = []
    if instances > most_instances(sku):
        most = f"expected at most {most_instances(sku)} with {sku}, or a larger size"
        found.append(Refusal("instances", instances, f"is more than {sku} takes", most))
    if instances > 1 and not shares_limits:
        problem = "cannot work with rate limits in memory, which every instance counts anew"
        found.append(Refusal("instances", instances, problem, "expected 1, or shared limits"))
    if instances > 1 and not shares_users:
        problem = "cannot work with users in a file, which every instance would write"
        found.append(Refusal("instances", instances, problem, "expected 1, or a database"))
    if zone_redundant and not is_zone_redundant(sku):
        expected = "expected false, or a Premium v3 or v4 size such as P0v3"
        found.append(Refusal("zone_redundant", True, f"is not offered by {sku}", expected))
    elif zone_redundant and instances < ZONE_REDUNDANT_INSTANCES:
        expected = f"expected {ZONE_REDUNDANT_INSTANCES} or more in a zone-redundant plan"
        found.append(Refusal("instances", instances, "leaves no zone to fail over to", expected))
    if joins_network and not joins_networks(sku):
        problem = "cannot join a private network, where the database or the limits are"
        expected = "expected B1 or larger, or public access to both"
        found.append(Refusal("app_service_sku", sku, problem, expected))
    return found


def notes(sku: str) -> list[str]:
    """What a plan of this size does less well than it seems; for people, nothing is refused."""
    if has_always_on(sku):
        return []
    return [
        f"{sku} stops an idle app, and every app after 60 CPU minutes a day; an attack that keeps "
        "it busy can use them up",
        f"{sku} has one instance: its health check reports, and replaces nothing",
    ]
