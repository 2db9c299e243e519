WITH logins AS (
    SELECT from_json(ResultDescription, '{"EventSchema": "VARCHAR", "EventType": "VARCHAR",
        "EventResult": "VARCHAR", "EventResultDetails": "VARCHAR", "TargetUsername": "VARCHAR",
        "SrcIpAddr": "VARCHAR"}') AS e
    FROM AppServiceConsoleLogs
    WHERE contains(ResultDescription, 'Authentication')
), accounts AS (
    SELECT
        regexp_replace(e.SrcIpAddr, '^((?:[0-9A-Fa-f]{1,4}:){1,4})[0-9A-Fa-f:]*$', '\1:/64') AS Network,
        left(lower(trim(e.TargetUsername)), 64) AS Account,
        count(*) FILTER (e.EventResult = 'Failure' AND e.EventResultDetails = 'No such user') AS Unknown,
        count(*) FILTER (e.EventResultDetails = 'Incorrect password') AS Known,
        count(*) FILTER (e.EventResult = 'Success') AS Successes,
        min(e.SrcIpAddr) AS Lowest,
        max(e.SrcIpAddr) AS Highest
    FROM logins
    WHERE e.EventSchema = 'Authentication' AND e.EventType = 'Logon'
        AND e.SrcIpAddr <> '' AND e.TargetUsername <> ''
    GROUP BY ALL
), networks AS (
    SELECT
        if(min(Lowest) = max(Highest), min(Lowest), Network) AS SrcIpAddr,
        count(*) FILTER (Unknown > 0 AND Known = 0 AND Successes = 0)
            - count(*) FILTER (Successes > 0) // 3 AS Names
    FROM accounts
    GROUP BY Network
)
SELECT SrcIpAddr, sum(Names) FROM networks WHERE Names > 0
GROUP BY SrcIpAddr HAVING sum(Names) >= 8
