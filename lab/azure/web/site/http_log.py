"""One row of AppServiceHTTPLogs for each request that reaches a site.

The form follows a row of a Linux app (elastic/integrations, azure_app_service test data): what is
absent is empty, not "-" as on Windows; the query has no question mark; no ScSubStatus and no
ScWin32Status. UNCONFIRMED for Linux: whether CsUriStem is percent-decoded (here: as sent, so that a
rule has to cope with the encoding), whether spaces of UserAgent become "+" as on Windows (here:
they stay), and whether Cookie holds more than the platform's own affinity cookie (here: nothing,
so that no session id is ever in a log).
"""

from typing import Final

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from lab.azure.web.site.site_log import SiteLog
from lab.logs.app_service_row import INSTANCE

TABLE: Final = "AppServiceHTTPLogs"

Headers = CIMultiDict[str] | CIMultiDictProxy[str]


def record(
    log: SiteLog,
    request: web.Request,
    response: web.StreamResponse,
    *,
    target: str,
    address: str,
    host: str,
    port: str,
    sizes: tuple[int, int],
    seconds: float,
) -> None:
    """Adds the row; `sizes` are the bytes of the bodies received and sent."""
    stem, _, query = target.partition("?")
    received, sent = sizes
    log.add(
        TABLE,
        CsMethod=request.method,
        CsUriStem=stem,
        CsUriQuery=query,
        CsHost=host,
        CsUsername="",
        CsBytes=len(request.method) + len(target) + 12 + _size(request.headers) + received,
        CIp=address,
        SPort=port,
        UserAgent=_printable(request.headers.get("User-Agent", "")),
        Referer=_printable(request.headers.get("Referer", "")),
        Cookie="",
        ScStatus=response.status,
        ScSubStatus="",
        ScWin32Status="",
        ScBytes=len(response.reason or "") + 15 + _size(response.headers) + sent,
        TimeTaken=round(seconds * 1000),
        Result="Success",
        ComputerName=INSTANCE,
    )


def _size(headers: Headers) -> int:
    return sum(len(key) + len(value) + 4 for key, value in headers.items()) + 2


def _printable(value: str) -> str:
    """Bytes that are no UTF-8 arrive as surrogates, which no log store can hold."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
