"""Azure's own faults, one by one: each is survived, or told by its name and survived next time.

Who waits waits in real time: minutes of Azure's are seconds here, and the publisher's patience with
them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

from lab.azure import Azure
from lab.azure.core.faults import Faults, HttpRefusal
from lab.azure.web.app_service import AppService
from lab.engine.living_stack import Update

PATIENCE_S: Final = 30.0
"""Of the publisher, who has ten minutes in Azure."""
SLOW_BUILD_S: Final = 0.8 * PATIENCE_S
ROLE_LAG_S: Final = 5.0
SUBNET_HOLD: Final = timedelta(minutes=30)
EXPIRED: Final = "AADSTS700024"
BUSY: Final = "AnotherOperationInProgress"
IN_USE: Final = "InUseSubnetCannotBeDeleted"

_WORKSPACE: Final = "azure-native:operationalinsights:Workspace"
_SITE: Final = "azure-native:web:WebApp"


class Patient(Protocol):
    """What a fault is tried on: one stack of one Azure."""

    azure: Azure

    def up(self, more: Mapping[str, Any]) -> Update:
        """With these settings beside the stack's own."""

    def refresh(self) -> Update:
        """What is in Azure becomes the state."""

    def destroy(self) -> Update:
        """All of it."""

    def pass_time(self, span: timedelta) -> None:
        """On the lab's clock."""


@dataclass(frozen=True)
class Fault:
    """`is_named`: the update fails, in words that name the fault, and the next one succeeds."""

    slug: str
    sentence: str
    act: Callable[[Patient], Update]
    is_named: bool = False
    moves: tuple[str, ...] = ()


def role_lag(patient: Patient) -> Update:
    """The vault's role counts when the site's settings have long been written."""
    with _patience(patient.azure):
        patient.azure.service(Faults).role_lag_s = ROLE_LAG_S
        return patient.up({"keyVault": True})


def management_busy(patient: Patient) -> Update:
    """The site refers to secrets, so that publishing asks the resource manager."""
    service = patient.azure.service(AppService)
    asked = [HttpRefusal(429, 2.0), HttpRefusal(503, 1.0)]
    patient.azure.service(Faults).management += asked
    done = _published_again(patient, {"keyVault": True})
    left = patient.azure.service(Faults).management
    return _patient(done, service.edge.management.turnstile.impatient, left)


def kudu_busy(patient: Patient) -> Update:
    """Another deployment, too many requests, a start."""
    refusals = [HttpRefusal(409), HttpRefusal(429, 2.0), HttpRefusal(503, 1.0)]
    patient.azure.service(Faults).kudu += refusals
    done = _published_again(patient, {})
    hosted = patient.azure.service(AppService).sites
    impatient = sum(each.kudu.turnstile.impatient for each in hosted)
    return _patient(done, impatient, patient.azure.service(Faults).kudu)


def slow_build(patient: Patient) -> Update:
    """Eight minutes of the ten."""
    with _patience(patient.azure):
        patient.azure.service(Faults).build_s = SLOW_BUILD_S
        return _published_again(patient, {})


def expired_assertion(patient: Patient) -> Update:
    """Whoever deploys proved who they are more than five minutes ago."""
    tokens = patient.azure.service(AppService).edge.tokens
    tokens.error = f"{EXPIRED}: Client assertion is not within its valid time range."
    try:
        first = _published_again(patient, {})
    finally:
        tokens.error = ""
    return _named(first, EXPIRED) or patient.up({})


def another_operation(patient: Patient) -> Update:
    """Azure takes one change of a resource at a time."""
    patient.azure.service(Faults).busy[_WORKSPACE] += 1
    return _named(patient.up({"retentionDays": 45}), BUSY) or patient.up({"retentionDays": 45})


def soft_deleted(patient: Patient) -> Update:
    """The vault of before keeps its name for 90 days."""
    with_vault = {"keyVault": True}
    for done in (patient.up(with_vault), patient.destroy()):
        if done.failure:
            return done
    return patient.up(with_vault)


def subnet_in_use(patient: Patient) -> Update:
    """The network cannot go as long as the app's subnet is held."""
    patient.azure.service(Faults).subnet_hold = SUBNET_HOLD
    private = {"database": "postgres"}
    if (done := patient.up(private)).failure:
        return done
    if (told := _named(patient.destroy(), IN_USE)) is not None:
        return told
    patient.pass_time(SUBNET_HOLD)
    done = patient.destroy()
    return done if done.failure else patient.up({})


_ANEW: Final = ("accounts",)
"""A deleted site takes along what it kept."""
_ALL_ANEW: Final = ("accounts", "logs")

FAULTS: Final = (
    Fault("role-lag", "a role counts late", role_lag),
    Fault("management-busy", "the resource manager asks for time", management_busy, moves=_ANEW),
    Fault("kudu-busy", "Kudu asks for time", kudu_busy, moves=_ANEW),
    Fault("slow-build", "a build takes eight of ten minutes", slow_build, moves=_ANEW),
    Fault("expired-assertion", "a proof is too old", expired_assertion, is_named=True, moves=_ANEW),
    Fault("another-operation", "another operation is under way", another_operation, is_named=True),
    Fault("soft-deleted", "a deleted vault keeps its name", soft_deleted, moves=_ALL_ANEW),
    Fault("subnet-in-use", "a subnet is in use", subnet_in_use, is_named=True, moves=_ALL_ANEW),
)


def take_back(azure: Azure) -> None:
    """Nothing goes wrong from now on."""
    faults = azure.service(Faults)
    faults.role_lag_s = faults.build_s = 0.0
    faults.subnet_hold = timedelta(0)
    faults.busy.clear()
    faults.kudu.clear()
    faults.management.clear()


def _published_again(patient: Patient, more: Mapping[str, Any]) -> Update:
    """The site is deleted by hand, so that another one gets the code."""
    patient.azure.resources.remove(patient.azure.resources.list(_SITE)[-1])
    seen = patient.refresh()
    return seen if seen.failure else patient.up(more)


def _patient(done: Update, impatient: int, left: Sequence[HttpRefusal]) -> Update:
    """A fault that nobody met is not survived."""
    if done.failure:
        return done
    if left:
        return Update(done.changes, failure=f"nobody met {len(left)} of the refusals")
    if not impatient:
        return done
    return Update(done.changes, failure=f"asked {impatient} times before Retry-After was over")


def _named(done: Update, word: str) -> Update | None:
    """None when the failure names the fault; else what is wrong with it."""
    if word in done.failure:
        return None
    told = done.failure or "it came to its end"
    return Update(done.changes, failure=f"expected a failure that names {word}: {told}")


@contextmanager
def _patience(azure: Azure) -> Iterator[None]:
    more = azure.service(AppService).edge.more
    more["PUBLISH_WAIT_SECONDS"] = f"{PATIENCE_S:g}"
    try:
        yield
    finally:
        more.clear()
