"""Brings the app to App Service: `python components/publish/publish.py`, run by the stack.

Everything comes from the environment: PUBLISH_SOURCE (folder of the app), PUBLISH_SCM_URL (Kudu),
PUBLISH_HEALTH_URL, PUBLISH_VERSION (what the stack expects to be live), and optionally
PUBLISH_BUILT_FOR (runtime and settings that the build reads, a part of the version),
PUBLISH_HEALTH_TEXT (what a healthy answer holds), PUBLISH_TELLS_VERSION (the word true where the
health page tells the version) and PUBLISH_WAIT_SECONDS. Exit code 0: live; 1: it did not become
live; 2: called wrongly.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import requests

if not __package__:  # run by its path, from wherever the stack's folder is
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from components.limits.refusal import FailedError, RefusedError  # noqa: E402 path first
from components.publish import bundle, entra  # noqa: E402
from components.publish.kudu import Kudu, reason, untrusted  # noqa: E402
from components.publish.retry import Retry  # noqa: E402

_WAIT_SECONDS = 600.0
_UPLOADS = 3


@dataclass(frozen=True)
class Order:
    """What to publish where."""

    source: Path
    scm_url: str
    health_url: str
    version: str
    wait_seconds: float
    built_for: str = ""
    health_text: str = ""
    """What a healthy answer holds; '' for any answer of 200."""
    tells_version: bool = False
    """The health page is a JSON object whose `version` is the first line of the file VERSION."""

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """From PUBLISH_* variables; RefusedError names all that are missing."""
        needed = ("PUBLISH_SOURCE", "PUBLISH_SCM_URL", "PUBLISH_HEALTH_URL", "PUBLISH_VERSION")
        if missing := [name for name in needed if not environ.get(name)]:
            raise RefusedError.of(f"{', '.join(missing)} not set", "expected in the environment")
        source, scm_url, health_url, version = (environ[name] for name in needed)
        for name in ("PUBLISH_SCM_URL", "PUBLISH_HEALTH_URL"):
            if not environ[name].startswith("https://"):
                raise RefusedError.of(f"{name} {environ[name]} is not safe", "expected https://…")
        seconds = environ.get("PUBLISH_WAIT_SECONDS") or str(_WAIT_SECONDS)
        try:
            waits = float(seconds)
        except ValueError:
            what = f"PUBLISH_WAIT_SECONDS {seconds} is no number"
            raise RefusedError.of(what, "expected seconds such as 600") from None
        return cls(
            Path(source),
            scm_url,
            health_url,
            version,
            waits,
            built_for=environ.get("PUBLISH_BUILT_FOR", ""),
            health_text=environ.get("PUBLISH_HEALTH_TEXT", ""),
            tells_version=environ.get("PUBLISH_TELLS_VERSION") == "true",
        )


def publish(
    order: Order,
    token: Callable[[], str],
    retry: Callable[[float], Retry] = Retry,
    other_audience: Callable[[], bool] = lambda: False,
) -> str:
    """Upload unless that version is live, and wait for it; one line about the outcome.

    An answer alone proves nothing: a site that was just replaced has the host name of the old one,
    whose last answers may still come. Only a site whose own Kudu has published something is asked.
    An app that does not tell its version is uploaded whenever the stack asks for it.
    """
    if (found := bundle.version(order.source, order.built_for)) != order.version:
        raise FailedError.of(
            f"{order.source} has version {found}, the stack expects {order.version}",
            "a file changed meanwhile: run pulumi up again",
        )
    kudu = Kudu(order.scm_url, token, retry(order.wait_seconds), other_audience)
    tells = order.tells_version and is_live(ask_health(order.health_url), order)
    if tells and _has_published(kudu):
        return f"version {order.version} already answers at {order.health_url}"
    deploy(kudu, order)
    await_health(order, retry(order.wait_seconds))
    told = f"version {order.version}" if order.tells_version else "the app"
    return f"{told} answers at {order.health_url}"


def _has_published(kudu: Kudu) -> bool:
    latest = kudu.latest()
    return latest is not None and latest.succeeded


def deploy(kudu: Kudu, order: Order) -> None:
    """Upload and follow the build to its end; FailedError carries the end of the build's log."""
    zipped = bundle.build(order.source, order.built_for)
    for attempt in range(1, _UPLOADS + 1):
        before = kudu.latest()
        kudu.upload(zipped)
        print(f"uploaded {len(zipped)} bytes; building", file=sys.stderr, flush=True)
        outcome = kudu.finished(before)
        if outcome.succeeded:
            return
        if not outcome.was_cut_short or attempt == _UPLOADS:
            tail = kudu.log_tail(outcome) or outcome.status_text or f"status {outcome.status}"
            raise FailedError.of(f"the build of {order.source} failed on App Service:\n{tail}")


def await_health(order: Order, retry: Retry) -> None:
    """Return when the new code answers; the old one may go on answering for a while."""
    while True:
        answer = ask_health(order.health_url)
        if is_live(answer, order):
            return
        text = repr(order.health_text) if order.health_text else "200"
        wanted = f"version {order.version}" if order.tells_version else text
        retry.wait(f"{order.health_url} did not tell {wanted}", _shown(answer))


def ask_health(url: str) -> requests.Response | str:
    """One answer of the app, or why there is none."""
    try:
        return requests.get(url, timeout=30, allow_redirects=False)
    except requests.exceptions.SSLError as error:
        raise untrusted(url, error) from error
    except requests.RequestException as error:
        return reason(error)


def is_live(answer: requests.Response | str, order: Order) -> bool:
    """Whether the app answers as it should; App Service's own pages are not mistaken for it.

    Without a version to compare, every healthy answer counts. It is asked for when Kudu has ended
    the deployment: App Service leads visitors to the new code as soon as that is warm.
    """
    if isinstance(answer, str) or answer.status_code != 200:
        return False
    if order.health_text not in answer.text:
        return False
    return not order.tells_version or told_version(answer) == order.version


def told_version(answer: requests.Response) -> str | None:
    """The version in a health page that is a JSON object."""
    version = _object(answer).get("version")
    return None if version is None else str(version)


def _object(answer: requests.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except requests.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _shown(answer: requests.Response | str) -> str:
    if isinstance(answer, str):
        return answer
    version = told_version(answer) if answer.status_code == 200 else None
    said = f"version {version}" if version else " ".join(answer.text.split())[:200]
    return f"{answer.status_code} {answer.reason} {said}".strip()


def main() -> int:
    """The exit code; every failure is one message on stderr."""
    try:
        order = Order.read(os.environ)
        token = entra.EntraToken(entra.credential())
        print(publish(order, token, other_audience=token.other_audience))
    except RefusedError as error:
        print(f"publish: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("publish: stopped before the new code answered", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
