"""What goes wrong with the platform and not by the hand of a visitor: steps on the lab's clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lab.azure import Azure
from lab.azure.web.app_service import Hosted
from lab.logs.log_tables import LogTables
from traffic.action import Action
from traffic.answer import Answer
from traffic.layout import Layout
from traffic.people import Person
from traffic.visitor import Visitor

Send = Callable[[Sequence[tuple[Visitor, Action]]], Sequence[Answer]]


@dataclass(frozen=True)
class Scene:
    """What a step may lay hands on; `send` plays requests now and waits for their answers."""

    azure: Azure
    site: Hosted
    tables: LogTables
    people: Sequence[Person]
    send: Send
    layout: Layout = field(default_factory=Layout)
    """Where the app has its pages; what is sent goes there by itself."""


Step = Callable[[Scene], object]


@dataclass(frozen=True)
class Fault:
    """Steps in the order of their time, in seconds from its beginning."""

    slug: str
    description: str
    steps: tuple[tuple[float, Step], ...]
    sources: tuple[str, ...] = ()
    """Addresses that its alert may name."""
    targets: Sequence[str] = ()
    """What else its alert may name: accounts, pages, servers; it may become known on the way."""
    after_traffic: bool = False
    """It would disturb others, or be hidden by them: then it comes when everybody has gone."""
    intent: Literal["fault"] = "fault"

    @property
    def duration_s(self) -> float:
        return max((at for at, _ in self.steps), default=0.0)
