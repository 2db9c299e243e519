"""Web apps: what may reach them, what they may hold in the open, and where their logs go."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from components.limits.log_category import CONSOLE, HTTP
from policy.declared import UNKNOWN, Declared, Place
from policy.rule import Rule, StackRule

WEB_APP: Final = "azure-native:web:WebApp"
DIAGNOSTIC_SETTING: Final = "azure-native:monitor:DiagnosticSetting"
LOWEST_TLS: Final = (1, 2)
WATCHED: Final = (CONSOLE, HTTP)
"""The log categories that the detections read."""

_GROUPS: Final = ("allLogs",)
_SECRET_NAME: Final = re.compile(
    r"secret|password|passwd|passphrase|token|credential|connection_?string"
    r"|(^|_)(api_?|access_?|account_?|private_?|secret_?|signing_?|storage_?)key($|_)|(^|_)pwd($|_)"
    r"|(^|_)(initial_)?users$",
    re.IGNORECASE,
)
_URL_WITH_PASSWORD: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)
_REFERENCE: Final = "@Microsoft.KeyVault("
_NO_SECRET: Final = re.compile(r"\d+|true|false", re.IGNORECASE)
_ABOUT_PASSWORDS: Final = {
    "INITIAL_PASSWORDS": re.compile("change|keep"),
    "PASSWORD_HASH": re.compile(r"m=\d+,t=\d+"),
}
"""Settings of the login app that say what is done with passwords, by the form of their values."""


def _https_only(app: Declared) -> Iterator[str]:
    if app.value("httpsOnly") not in (True, UNKNOWN):
        yield "answers plain HTTP, where a password can be read on its way"


def _tls_floor(app: Declared) -> Iterator[str]:
    for key in ("minTlsVersion", "scmMinTlsVersion"):
        floor = app.value("siteConfig", key)
        if floor == UNKNOWN:
            continue
        if floor is None:
            yield f"states no siteConfig.{key}"
        elif _version(str(floor)) < LOWEST_TLS:
            yield f"has siteConfig.{key} {floor}, which is broken"


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def _ftp_off(app: Declared) -> Iterator[str]:
    state = app.value("siteConfig", "ftpsState")
    if state not in ("Disabled", UNKNOWN):
        yield f"takes files by FTP (siteConfig.ftpsState {state or 'is not stated'})"


def _no_plain_secret(app: Declared) -> Iterator[str]:
    for name, value, place in _settings(app):
        if value == UNKNOWN or app.is_secret(*place) or str(value).startswith(_REFERENCE):
            continue
        about = _ABOUT_PASSWORDS.get(name)
        if _NO_SECRET.fullmatch(str(value)) or (about and about.fullmatch(str(value))):
            continue
        if value and (_SECRET_NAME.search(name) or _URL_WITH_PASSWORD.search(str(value))):
            yield f"holds the setting {name} in the open"


def _settings(app: Declared) -> Iterator[tuple[str, object, Place]]:
    """Name, value and place of each app setting and connection string."""
    for kind, key in (("appSettings", "value"), ("connectionStrings", "connectionString")):
        for number, entry in app.items("siteConfig", kind):
            if entry != UNKNOWN:
                name = str(entry.get("name", ""))
                shown = name if kind == "appSettings" else f"{name} (connection_string)"
                yield shown, entry.get(key), ("siteConfig", kind, number, key)


def _logs_are_kept(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    settings = [each for each in resources if each.type == DIAGNOSTIC_SETTING]
    for app in (each for each in resources if each.type == WEB_APP):
        own = [each for each in settings if _is_about(each, app)]
        kept = {category for each in own for category in _categories(each)}
        missing = [] if kept & {UNKNOWN, *_GROUPS} else [c for c in WATCHED if c not in kept]
        if not own:
            yield app, "has no diagnostic setting, so that no alert rule can see it"
        elif missing:
            yield app, f"sends no {' and no '.join(missing)} to a workspace"


def _is_about(setting: Declared, app: Declared) -> bool:
    target = setting.value("resourceUri")
    if target == UNKNOWN or not app.id:
        return app.urn in setting.dependencies
    return str(target).lower() == app.id.lower()


def _categories(setting: Declared) -> Iterator[str]:
    """Log categories and groups of a setting that has a workspace."""
    if not setting.value("workspaceId"):
        return
    if setting.value("logs") == UNKNOWN:
        yield UNKNOWN
    for _, log in setting.items("logs"):
        if log == UNKNOWN or log.get("enabled"):
            yield UNKNOWN if log == UNKNOWN else log.get("category") or log.get("categoryGroup")


HTTPS_ONLY: Final = Rule(
    name="web-app-https-only",
    description="A web app answers HTTPS alone.",
    level="mandatory",
    remediation="set https_only=True",
    types=frozenset({WEB_APP}),
    check=_https_only,
)
TLS_FLOOR: Final = Rule(
    name="web-app-tls-floor",
    description="A web app and its deployment site take TLS 1.2 or newer.",
    level="mandatory",
    remediation='set min_tls_version and scm_min_tls_version to "1.2" or "1.3" in site_config',
    types=frozenset({WEB_APP}),
    check=_tls_floor,
)
FTP_OFF: Final = Rule(
    name="web-app-ftp-off",
    description="Nobody brings code to a web app by FTP.",
    level="mandatory",
    remediation='set ftps_state="Disabled" in site_config',
    types=frozenset({WEB_APP}),
    check=_ftp_off,
)
NO_PLAIN_SECRET: Final = Rule(
    name="web-app-no-plain-secret",
    description="A secret among a web app's settings is marked as one, or kept in a Key Vault.",
    level="mandatory",
    remediation="give it as pulumi.Output.secret(…) or as a @Microsoft.KeyVault(…) reference",
    types=frozenset({WEB_APP}),
    check=_no_plain_secret,
)
LOGS_ARE_KEPT: Final = StackRule(
    name="web-app-logs-are-kept",
    description="Every web app sends its console and HTTP logs to a Log Analytics workspace.",
    level="mandatory",
    remediation=f"add a DiagnosticSetting with {' and '.join(WATCHED)}, or allLogs",
    check=_logs_are_kept,
)
RULES: Final = (HTTPS_ONLY, TLS_FLOOR, FTP_OFF, NO_PLAIN_SECRET, LOGS_ARE_KEPT)
