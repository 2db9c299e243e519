WITH logins AS (
    SELECT from_json(ResultDescription, '{"EventSchema": "VARCHAR", "EventType": "VARCHAR",
        "EventResult": "VARCHAR", "TargetUsername": "VARCHAR", "SrcIpAddr": "VARCHAR"}') AS e
    FROM AppServiceConsoleLogs
    WHERE contains(ResultDescription, 'Authentication')
), networks AS (
    SELECT
        left(lower(trim(e.TargetUsername)), 64) AS TargetUsername,
        regexp_replace(e.SrcIpAddr, '^((?:[0-9A-Fa-f]{1,4}:){1,4})[0-9A-Fa-f:]*$', '\1:/64') AS Network,
        count(*) FILTER (e.EventResult = 'Failure') AS Tries,
        count(*) FILTER (e.EventResult = 'Success') AS Successes
    FROM logins
    WHERE e.EventSchema = 'Authentication' AND e.EventType = 'Logon'
        AND e.SrcIpAddr <> '' AND e.TargetUsername <> ''
    GROUP BY ALL
)
SELECT TargetUsername, sum(Tries) AS Failures
FROM networks
WHERE Tries > 0 AND NOT (Successes > 0 AND Tries <= 7)
GROUP BY TargetUsername
HAVING (count(*) >= 4 OR (count(*) >= 2 AND sum(Tries) >= 20)) AND sum(Tries) >= 10
