"""Somebody has found an old publishing profile and tries it at Kudu."""

from collections.abc import Sequence
from typing import Final

import requests

from lab.azure.web.app_service import AppService
from lab.host.loopback import HOST
from lab.play.fault import Fault, Scene, Step
from traffic.people import Person

SLUG: Final = "scm_or_ftp_sign_in"
_GUESSES: Final = ("publishing profile of last year", "password1", "Summer2025!")


def fault(seed: int, people: Sequence[Person]) -> Fault:
    return Fault(
        slug=SLUG,
        description="Three passwords are tried at the publishing site.",
        steps=tuple((60.0 * number, _try(guess)) for number, guess in enumerate(_GUESSES)),
        sources=(HOST,),  # the publishing site believes nobody who says to be somewhere else
    )


def _try(password: str) -> Step:
    def sign_in(scene: Scene) -> None:
        settings = scene.site.site.settings
        edge = scene.azure.service(AppService).edge.environment()
        with requests.Session() as session:
            session.trust_env = False
            session.get(
                f"https://{settings.scm_host_name}/api/deployments",
                auth=(f"${settings.name}", password),
                proxies={"https": edge["HTTPS_PROXY"]},
                verify=edge["REQUESTS_CA_BUNDLE"],
                timeout=30,
            )

    return sign_in
