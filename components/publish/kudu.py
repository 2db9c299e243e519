"""Kudu, App Service's deployment site: upload a zip, follow its build, read the build's log.

POST /api/publish?type=zip&async=true answers 202 and builds in the background (microsoft/Oryx);
GET /api/deployments/latest tells the state. Source: Azure-App-Service/KuduLite,
PushDeploymentController and DeploymentController. Pure of pulumi.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from components.limits.refusal import FailedError
from components.publish.retry import Retry

SUCCESS = 4
_UNFINISHED = (0, 1, 2)  # pending, building, deploying
# 404: a new site's Kudu is not there yet. 409: another deployment runs. 5xx: Kudu starts.
_TRY_AGAIN = (404, 408, 409, 429, 500, 502, 503, 504)
_REFUSED = (401, 403)
# New sites and new role assignments can answer 401 or 403 for a moment; wrong rights never stop.
_REFUSAL_SECONDS = 60
# Azure/kudu issue 90: a change of settings shortly before restarts Kudu under the deployment.
_RESTARTED = "SCM container restart"
_LOG_LINES = 12
_TIMEOUT = (10, 230)  # connect, answer: App Service's front end gives up after 230 s


@dataclass(frozen=True)
class Deployment:
    """One deployment as Kudu tells it."""

    id: str
    status: int
    status_text: str

    @property
    def is_finished(self) -> bool:
        return self.status not in _UNFINISHED

    @property
    def succeeded(self) -> bool:
        return self.status == SUCCESS

    @property
    def was_cut_short(self) -> bool:
        """Kudu itself restarted; the same upload works when tried again."""
        return _RESTARTED in self.status_text


class BearerToken(AuthBase):
    """The Entra token, as an AuthBase: requests lets .netrc win over a plain header."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token()}"
        return request


class Kudu:
    """The deployment site of one web app; proxy and certificates come from the environment."""

    def __init__(
        self,
        url: str,
        token: Callable[[], str],
        retry: Retry,
        other_audience: Callable[[], bool] = lambda: False,
    ) -> None:
        """`other_audience` makes `token` another one, if there is one left to try."""
        self._url = url.rstrip("/")
        self._other_audience = other_audience
        self._retry = retry
        self._session = requests.Session()  # its cookies keep us at one instance of Kudu
        self._session.auth = BearerToken(token)
        self._refused_since: float | None = None

    def latest(self) -> Deployment | None:
        """The running deployment, else the last one; None on a site that has had none."""
        answer = self._ask("GET", "/api/deployments/latest", fine=(200, 202, 404))
        told = _json(answer) if answer.status_code != 404 else None
        if not isinstance(told, dict) or "id" not in told:
            return None
        text = str(told.get("status_text") or "")
        return Deployment(str(told["id"]), int(told.get("status", 0)), text)

    def upload(self, zipped: bytes) -> None:
        """Hand over the zip; Kudu replaces what was there and starts the build."""
        self._ask(
            "POST",
            "/api/publish?type=zip&async=true",
            fine=(200, 202),
            data=zipped,
            headers={"Content-Type": "application/octet-stream"},
        )

    def finished(self, before: Deployment | None) -> Deployment:
        """Wait for the end of the deployment that follows `before`."""
        while True:
            found = self.latest()
            if found and found.is_finished and (before is None or found.id != before.id):
                return found
            state = found.status_text or f"status {found.status}" if found else "no deployment"
            self._retry.wait(f"the build on {self._host} did not end", state)

    def log_tail(self, deployment: Deployment) -> str:
        """The last lines that the build wrote, pip's complaint first among them."""
        path = f"/api/deployments/{deployment.id}/log"
        lines: list[str] = []
        for entry in self._entries(path):
            lines += str(entry.get("message") or "").splitlines()
            if entry.get("details_url"):
                for detail in self._entries(f"{path}/{entry.get('id')}"):
                    lines += str(detail.get("message") or "").splitlines()
        return "\n".join(_telling(lines))

    @property
    def _host(self) -> str:
        return urlsplit(self._url).hostname or self._url

    def _entries(self, path: str) -> list[dict[str, Any]]:
        try:
            told = _json(self._session.get(f"{self._url}{path}", timeout=_TIMEOUT))
        except requests.RequestException:
            return []  # the log is an extra; the failure itself is already known
        return [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []

    def _ask(
        self, method: str, path: str, fine: tuple[int, ...], **request: Any
    ) -> requests.Response:
        """One request, repeated while the site or its name is still being made."""
        while True:
            try:
                answer = self._session.request(
                    method, f"{self._url}{path}", timeout=_TIMEOUT, allow_redirects=False, **request
                )
            except requests.exceptions.SSLError as error:
                raise untrusted(self._url, error) from error
            except requests.RequestException as error:
                self._retry.wait(f"{self._host} cannot be reached", reason(error))
                continue
            if answer.status_code in fine:
                self._refused_since = None
                return answer
            self._after_refusal(answer)

    def _after_refusal(self, answer: requests.Response) -> None:
        told = f"{answer.status_code} {answer.reason}"
        if answer.status_code in _REFUSED:
            told = f"{told}: {said}" if (said := _said(answer)) else told
            if self._other_audience():
                return
            self._refused_since = self._refused_since or self._retry.now()
            if self._retry.now() - self._refused_since < _REFUSAL_SECONDS:
                self._retry.wait(f"{self._host} refuses the Entra token", told)
                return
            raise FailedError.of(
                f"{self._host} refuses us ({told})",
                "expected an identity with the role Website Contributor on the web app, and a site"
                " whose access restrictions let it in",
            )
        if answer.status_code not in _TRY_AGAIN:
            raise FailedError.of(f"{self._host} refuses the package ({told}): {_said(answer)}")
        wait = retry_after(answer.headers)
        self._retry.wait(f"{self._host} takes no package", told, at_least=wait)


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that a server asks for (429, 503); 0 where it asks for none, or for a date."""
    try:
        return max(0.0, float(headers.get("Retry-After", "")))
    except ValueError:
        return 0.0


def untrusted(url: str, error: requests.RequestException) -> FailedError:
    """A certificate problem does not go away by waiting."""
    return FailedError.of(
        f"{urlsplit(url).hostname} has a certificate that is not trusted ({reason(error)})",
        "expected Azure's, or your proxy's authority in REQUESTS_CA_BUNDLE",
    )


def reason(error: requests.RequestException) -> str:
    """The innermost cause of a failed request in a few words."""
    cause: BaseException = error
    while True:
        inner = getattr(cause, "reason", None) or cause.__cause__ or cause.__context__
        inner = inner or next((each for each in cause.args if isinstance(each, Exception)), None)
        if not isinstance(inner, BaseException):
            return re.sub(r"<[^>]*>:? ?", "", str(cause))[:200] or type(cause).__name__
        cause = inner


def _said(answer: requests.Response) -> str:
    """Azure's own words, out of a page too ("Ip Forbidden", "Site Disabled")."""
    text = re.sub(r"(?is)<(style|script)\b.*?</\1>|<[^>]*>", " ", answer.text)
    return " ".join(text.split())[:300]


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except requests.JSONDecodeError:
        return None


def _telling(lines: list[str]) -> list[str]:
    """The lines that name the error, else the last ones."""
    kept = [line.strip() for line in lines if line.strip()]
    errors = [line for line in kept if re.search(r"\berror\b", line, re.IGNORECASE)]
    return (errors or kept)[-_LOG_LINES:]
