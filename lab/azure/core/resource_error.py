"""What Azure would refuse of a resource, in words for the person who wrote it."""

from collections.abc import Iterable
from dataclasses import replace

from components.limits.refusal import FailedError, Place, Refusal


def refused(name: str, value: object, expected: str, what: str = "is not accepted") -> Refusal:
    """A refusal of a property, a camelCase path such as `criteria.allOf[0].operator`."""
    return Refusal(Place(property=name), what, expected, value)


class ResourceError(FailedError):
    """A resource that Azure would refuse, with every reason: `<module>:<Type> <name>: …`.

    `secrets` names the inputs whose values no message shows.
    """

    def __init__(
        self,
        token: str,
        logical_name: str,
        refusals: Iterable[Refusal],
        secrets: Iterable[str] = (),
    ) -> None:
        self.token = token
        self.logical_name = logical_name
        who = f"{short_token(token) if token else ''} {logical_name}".strip()
        hidden = frozenset(secrets)
        super().__init__(
            *(
                replace(
                    each.hidden() if _input(each) in hidden else each,
                    where=replace(each.where, resource=who),
                )
                for each in refusals
            )
        )

    def sentences(self) -> list[str]:
        """One line a refusal."""
        return [str(each) for each in self.refusals]


def _input(refusal: Refusal) -> str:
    """The input of the resource that a refusal is about, or about something inside it."""
    return refusal.where.property.replace("[", ".").split(".")[0]


def plain_token(token: str) -> str:
    """The token without its API version: `azure-native:web/v20240401:WebApp` is `…:web:WebApp`."""
    package, module, name = token.split(":")
    return f"{package}:{module.split('/')[0]}:{name}"


def short_token(token: str) -> str:
    """The token as people say it: `monitor:ScheduledQueryRule`, `random:RandomString`."""
    package, module, name = plain_token(token).split(":")
    return f"{module if package == 'azure-native' else package}:{name}"
