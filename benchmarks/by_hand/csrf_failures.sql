WITH logins AS (
    SELECT from_json(ResultDescription, '{"EventSchema": "VARCHAR", "EventType": "VARCHAR",
        "EventResult": "VARCHAR", "EventOriginalResultDetails": "VARCHAR",
        "TargetUsername": "VARCHAR", "SrcIpAddr": "VARCHAR"}') AS e
    FROM AppServiceConsoleLogs
    WHERE contains(ResultDescription, 'Authentication')
), accounts AS (
    SELECT
        regexp_replace(e.SrcIpAddr, '^((?:[0-9A-Fa-f]{1,4}:){1,4})[0-9A-Fa-f:]*$', '\1:/64') AS Network,
        left(lower(trim(coalesce(e.TargetUsername, ''))), 64) AS Account,
        count(*) FILTER (e.EventResult = 'Failure'
            AND e.EventOriginalResultDetails = 'CsrfFailed') AS Forged,
        count(*) FILTER (e.EventResult = 'Success') AS Successes,
        min(e.SrcIpAddr) AS Lowest,
        max(e.SrcIpAddr) AS Highest
    FROM logins
    WHERE e.EventSchema = 'Authentication' AND e.EventType = 'Logon' AND e.SrcIpAddr <> ''
    GROUP BY ALL
), networks AS (
    SELECT
        if(min(Lowest) = max(Highest), min(Lowest), Network) AS SrcIpAddr,
        sum(if(Successes = 0, least(Forged, 6), 0)) - count(*) FILTER (Successes > 0) AS Refused
    FROM accounts
    GROUP BY Network
)
SELECT SrcIpAddr, sum(Refused) FROM networks WHERE Refused > 0
GROUP BY SrcIpAddr HAVING sum(Refused) >= 10
