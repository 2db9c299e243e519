"""Tables and parsers of Sentinel's rules that this stack has under another name.

A rule that reads one gets a `let` of that name in front, with the columns it uses. Columns that
have no counterpart are refused, for a condition on them would silently be false; those that a
schema leaves empty anyway, and those that only group, are empty texts, and that is told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from components.limits.kql_text import masked


@dataclass(frozen=True)
class Counterpart:
    """`columns`: their KQL over `source`; `empty`: those that are nothing here."""

    source: str
    what: str
    """What the rows are instead, told with the import."""
    columns: Mapping[str, str]
    empty: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    """Columns that the real table has and nothing here can stand for."""
    literal: frozenset[str] = field(default=frozenset())
    """Columns that may be shown and grouped by, but not compared with a text: it names others."""


def _dashed(column: str) -> str:
    """W3C logs have a dash where there is nothing."""
    return f'iff(isempty({column}), "-", {column})'


_IIS: Final = Counterpart(
    "AppServiceHTTPLogs",
    "requests to this app",
    {
        "cIP": "CIp",
        "csMethod": "CsMethod",
        "csUriStem": "CsUriStem",
        "csUriQuery": _dashed("CsUriQuery"),
        "csUserName": _dashed("CsUsername"),
        "csUserAgent": _dashed("UserAgent"),
        "csReferer": _dashed("Referer"),
        "csCookie": _dashed("Cookie"),
        "csHost": "CsHost",
        "sPort": "SPort",
        "sSiteName": "CsHost",
        "sComputerName": "ComputerName",
        "Computer": "ComputerName",
        "scStatus": "tostring(ScStatus)",
        "scSubStatus": "ScSubStatus",
        "scWin32Status": "ScWin32Status",
        "csBytes": "tolong(CsBytes)",
        "scBytes": "tolong(ScBytes)",
        "TimeTaken": "tolong(TimeTaken)",
    },
    empty=frozenset(
        (
            *("sIP", "csVersion", "StorageAccount", "FileUri", "FileOffset", "RemoteIPCountry"),
            *("MaliciousIP", "IndicatorThreatType"),
        )
    ),
    literal=frozenset({"sSiteName"}),
)
_ACCESS_LOG: Final[dict[str, str]] = {
    "SrcIpAddr": "CIp",
    "SrcUserName": _dashed("CsUsername"),
    "HttpRequestMethod": "CsMethod",
    "UrlOriginal": 'strcat(CsUriStem, iff(isempty(CsUriQuery), "", strcat("?", CsUriQuery)))',
    "HttpStatusCode": "tostring(ScStatus)",
    "HttpResponseBodyBytes": "tostring(ScBytes)",
    "HttpReferrerOriginal": _dashed("Referer"),
    "HttpUserAgentOriginal": _dashed("UserAgent"),
    "EventStartTime": "TimeGenerated",
    "EventType": '"AccessLog"',
}


def _access_log(product: str) -> Counterpart:
    return Counterpart(
        "AppServiceHTTPLogs",
        "requests to this app",
        {**_ACCESS_LOG, "EventProduct": f'"{product}"'},
        empty=frozenset({"ClientIdentity", "HttpVersion"}),
        absent=frozenset({"EventMessage", "EventSeverity", "ProcessId", "ThreadId"}),
    )


_ASIM_EMPTY: Final = frozenset(
    (
        *("TargetUserType", "TargetUserIdType", "TargetUsernameType", "TargetUserAadTenant"),
        *("TargetOriginalUserType", "TargetUserScope", "TargetUserScopeId", "TargetDvcId"),
        *("TargetHostname", "TargetDomain", "TargetDvcOs", "TargetUrl", "TargetPortNumber"),
        *("TargetIpAddr", "TargetDvcType", "TargetAppId", "TargetAppType", "TargetDeviceType"),
        *("SrcGeoCountry", "SrcGeoCity", "SrcGeoRegion", "SrcGeoLatitude", "SrcGeoLongitude"),
        *("SrcHostname", "SrcDvcHostname", "SrcDvcId", "SrcDvcOs", "SrcDeviceType", "SrcIsp"),
        *("SrcDomain", "SrcFQDN", "ActorUserId", "ActorUsername", "ActorUserType", "ActorIpAddr"),
        *("ActingAppId", "ActingAppName", "ActingAppType", "EventMessage", "EventOriginalType"),
        *("EventSeverity", "EventSubType", "EventReportUrl", "EventOwner", "DvcHostname", "Dvc"),
        *("DvcIpAddr", "DvcId", "DvcDomain", "DvcAction", "LogonProtocol", "RuleName", "Rule"),
        *("ThreatName", "ThreatCategory", "AdditionalFields", "TargetGeoCountry"),
    )
)
"""Fields of the schema that the login app leaves out: the unifying parser has them, empty, for each
source that does not tell them (Microsoft, "ASIM Authentication normalization schema")."""

_ASIM: Final = Counterpart(
    "LoginEvents",
    "sign-ins to this app",
    {
        **{
            name: name
            for name in (
                *("EventType", "EventResult", "EventResultDetails", "EventOriginalResultDetails"),
                *("EventCount", "TargetUsername", "SrcIpAddr", "SrcPortNumber", "HttpUserAgent"),
                *("LogonMethod", "TargetSessionId", "TargetAppName", "EventOriginalUid"),
            )
        },
        "EventSchema": '"Authentication"',
        "EventVendor": '"login-monitor"',
        "EventProduct": '"login-app"',
        "EventStartTime": "TimeGenerated",
        "EventEndTime": "TimeGenerated",
        "SrcDvcIpAddr": "SrcIpAddr",
        "IpAddr": "SrcIpAddr",
        "Src": "SrcIpAddr",
        "User": "TargetUsername",
        "TargetUserId": "TargetUsername",
        "LogonTarget": "TargetAppName",
        "Application": "TargetAppName",
    },
    empty=_ASIM_EMPTY,
)
_RESULT: Final = (
    'case(EventResult == "Success", "0", EventResultDetails == "No such user", "50034",'
    ' EventResultDetails == "User locked", "50053", EventResultDetails == "User disabled", "50057",'
    ' EventResultDetails == "Password expired", "50055", "50126")'
)
"""Entra ID's codes for what ASIM says in words (Microsoft, "Microsoft Entra authentication and
authorization error codes")."""

_ENTRA: Final = Counterpart(
    "LoginEvents",
    "sign-ins to this app, not to Entra ID",
    {
        "UserPrincipalName": "TargetUsername",
        "UserDisplayName": "TargetUsername",
        "Identity": "TargetUsername",
        "UserId": "TargetUsername",
        "AlternateSignInName": "TargetUsername",
        "SignInIdentifier": "TargetUsername",
        "IPAddress": "SrcIpAddr",
        "UserAgent": "HttpUserAgent",
        "AppDisplayName": "TargetAppName",
        "ResultType": _RESULT,
        "ResultDescription": "EventResultDetails",
        "ResultSignature": 'iff(EventResult == "Success", "SUCCESS", "FAILURE")',
        "OperationName": '"Sign-in activity"',
        "Category": '"SignInLogs"',
        "ClientAppUsed": '"Browser"',
        "CreatedDateTime": "TimeGenerated",
        "CorrelationId": "EventOriginalUid",
        "Id": "EventOriginalUid",
    },
    absent=frozenset(
        (
            *("Location", "LocationDetails", "DeviceDetail", "Status", "ConditionalAccessStatus"),
            *("ConditionalAccessPolicies", "AuthenticationDetails", "AuthenticationRequirement"),
            *("AppId", "ResourceDisplayName", "ResourceId", "ResourceIdentity", "RiskDetail"),
            *("RiskLevelAggregated", "RiskLevelDuringSignIn", "RiskState", "RiskEventTypes"),
            *("UserType", "HomeTenantId", "ResourceTenantId", "NetworkLocationDetails"),
            *("MfaDetail", "TokenIssuerType", "AADTenantId", "AutonomousSystemNumber"),
            *("AuthenticationMethodsUsed", "AuthenticationProcessingDetails", "ServicePrincipalId"),
            *("IsInteractive", "UniqueTokenIdentifier", "CrossTenantAccessType", "SessionId"),
        )
    ),
    literal=frozenset({"AppDisplayName", "ClientAppUsed"}),
)

COUNTERPARTS: Final[Mapping[str, Counterpart]] = {
    "W3CIISLog": _IIS,
    "ApacheHTTPServer": _access_log("Apache"),
    "NGINXHTTPServer": _access_log("NGINX"),
    "TomcatEvent": _access_log("Tomcat"),
    "SigninLogs": _ENTRA,
    **dict.fromkeys(
        ("imAuthentication", "_Im_Authentication", "ASimAuthentication", "_ASim_Authentication"),
        _ASIM,
    ),
}


@dataclass(frozen=True)
class Mapped:
    """The `let` statements for what a query reads of them, and what was made of which."""

    lets: str
    told: tuple[str, ...]
    wrong: tuple[str, ...]
    """Columns that a condition needs and nothing here has."""


def of(body: str) -> Mapped:
    """What stands in front of a query; nothing where it reads none of them."""
    code = masked(body)
    words = set(re.findall(r"\w+", code))
    declared = set(re.findall(r"\blet\s+(\w+)\s*=", code))
    lets, told, wrong = [], [], []
    for name, counterpart in COUNTERPARTS.items():
        if name not in words or name in declared:
            continue
        used = [column for column in counterpart.columns if column in words]
        empty = sorted(counterpart.empty & words)
        wrong += [
            f"column {column} of {name} is empty here, and the rule asks for something in it"
            for column in empty
            if re.search(rf"\bwhere\b[^|;]*\b{column}\b", code)
        ]
        wrong += [
            f"column {column} of {name} has no counterpart in {counterpart.source}"
            for column in sorted(counterpart.absent & words)
        ]
        wrong += [
            f"{column} of {name} is compared with a text, and {counterpart.source} holds"
            f" {counterpart.what} alone"
            for column in sorted(counterpart.literal & words)
            if re.search(rf"\b{column}\s*(==|=~|has|contains|startswith|in~?)\s*[(\"']", body)
        ]
        fields = [
            "TimeGenerated",
            "_ResourceId",
            *(['Type = "' + name + '"'] if "Type" in words else []),
        ]
        fields += [
            each if (kql := counterpart.columns[each]) == each else f"{each} = {kql}"
            for each in used
        ]
        fields += [f'{each} = ""' for each in empty]
        listed = ",\n    ".join(fields)
        lets.append(f"let {name} = {counterpart.source}\n| project\n    {listed};")
        told.append(f"{name} became {counterpart.source}: {counterpart.what}")
        if empty:
            told.append(f"{', '.join(empty)} of {name} became an empty text; nothing here tells it")
    return Mapped("\n".join(lets), tuple(told), tuple(wrong))
