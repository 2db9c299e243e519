-- $rows rows of a day, at the mix of a rehearsed day: eight requests for each line of the app, one
-- in two hundred of an attacker; and a flood. Everything follows from the row's number: the same rows each time.
CREATE MACRO dice(n, salt, sides) AS (hash(n * 31 + salt) % sides)::INTEGER;
CREATE MACRO moment(n, of_all) AS
    TIMESTAMP '2026-01-06 07:30:00' - to_microseconds((86400000000 * (of_all - n) / of_all)::BIGINT);
CREATE MACRO home(n, salt) AS
    '10.' || dice(n, salt, 4) || '.' || dice(n, salt + 1, 100) || '.' || (dice(n, salt + 2, 50) + 1);

CREATE TEMP TABLE requests AS
SELECT
    n,
    dice(n, 1, 1000) < 5 AS hostile,
    dice(n, 2, 10) = 0 AS in_office,
    dice(n, 3, 100) AS what
FROM range($requests) AS numbers(n);

INSERT INTO "AppServiceHTTPLogs" BY NAME
SELECT
    moment(n, $requests) AS TimeGenerated,
    CASE
        WHEN hostile THEN '198.51.100.' || (dice(n, 4, 12) + 1)
        WHEN in_office THEN '192.0.2.10'
        ELSE home(n, 5)
    END AS CIp,
    CASE WHEN what BETWEEN 60 AND 72 THEN 'POST' ELSE 'GET' END AS CsMethod,
    'login.example.com' AS CsHost,
    CASE
        WHEN hostile THEN list_extract($hostile_stems, dice(n, 8, len($hostile_stems)) + 1)
            || CASE WHEN dice(n, 9, 3) > 0 THEN '-' || dice(n, 10, 5000) ELSE '' END
        WHEN what < 30 THEN '/'
        WHEN what < 73 THEN '/login'
        WHEN what < 92 THEN '/account'
        WHEN what < 97 THEN '/health'
        ELSE '/favicon.ico'
    END AS CsUriStem,
    CASE
        WHEN hostile THEN list_extract($hostile_queries, dice(n, 11, len($hostile_queries)) + 1)
        WHEN what < 6 THEN list_extract($usual_queries, dice(n, 12, len($usual_queries)) + 1)
        ELSE ''
    END AS CsUriQuery,
    CASE
        WHEN hostile THEN CASE WHEN dice(n, 13, 10) = 0 THEN 500 ELSE 404 END
        WHEN what BETWEEN 60 AND 72 THEN CASE WHEN what < 62 THEN 401 ELSE 302 END
        WHEN what >= 97 THEN 404
        ELSE 200
    END AS ScStatus,
    list_extract($agents, dice(n, 14, len($agents)) + 1) AS UserAgent,
    CASE WHEN what < 40 OR hostile THEN '' ELSE 'https://login.example.com/' END AS Referer,
    20 + dice(n, 15, 200) AS TimeTaken,
    400 + dice(n, 16, 4000) AS ScBytes,
    300 + dice(n, 17, 400) AS CsBytes,
    '443' AS SPort,
    'Success' AS Result
FROM requests
ORDER BY n;
DROP TABLE requests;

-- A flood of three minutes, more than everybody else together.
INSERT INTO "AppServiceHTTPLogs" BY NAME
SELECT
    TIMESTAMP '2026-01-06 04:00:00' + to_microseconds((180000000 * n / $flood)::BIGINT) AS TimeGenerated,
    '198.51.100.200' AS CIp,
    'GET' AS CsMethod,
    'login.example.com' AS CsHost,
    '/' AS CsUriStem,
    200 AS ScStatus,
    list_extract($agents, 1) AS UserAgent,
    30 AS TimeTaken
FROM range($flood) AS numbers(n);

INSERT INTO "AppServiceConsoleLogs" BY NAME
SELECT
    moment(n, $lines) AS TimeGenerated,
    'Informational' AS Level,
    'lw0sdlwk000001' AS Host,
    replace(replace(replace(
        list_extract($templates, CASE
            WHEN hostile THEN kind
            WHEN dice(n, 22, 100) < 8 THEN 2
            ELSE 1
        END),
        '{user}', CASE
            WHEN hostile THEN list_extract(['', 'target', 'ghost', 'person'], kind)
                || dice(n, 23, CASE WHEN kind = 2 THEN 12 ELSE 5000 END)
            ELSE 'person' || dice(n, 24, 50000)
        END),
        '{address}', CASE
            WHEN hostile THEN '198.51.100.' || (10 * kind + dice(n, 25, 6))
            WHEN dice(n, 26, 10) = 0 THEN '192.0.2.10'
            ELSE home(n, 27)
        END),
        '{ts}', strftime(moment(n, $lines), '%Y-%m-%dT%H:%M:%S.%fZ')) AS ResultDescription
FROM (
    SELECT n, dice(n, 20, 1000) < 10 AS hostile, 2 + dice(n, 21, 3) AS kind
    FROM range($lines) AS numbers(n)
)
ORDER BY n;
