WITH requests AS (
    SELECT CIp, ScStatus, left(regexp_replace(lower(CsUriStem), '/([0-9]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{16,})(\.[a-z0-9]+)?(/|$)', '/#/', 'g'), 200) AS Page,
        Referer <> '' AND CsHost <> '' AND contains(lower(Referer), lower(CsHost)) AS IsLinked
    FROM AppServiceHTTPLogs
    WHERE CIp <> '' AND CsMethod IN ('GET', 'HEAD')
), pages AS (
    SELECT CIp, Page,
        count(*) FILTER (ScStatus IN (404, 410) AND NOT IsLinked) AS Misses,
        count(*) FILTER (ScStatus < 400) AS Hits
    FROM requests
    WHERE NOT regexp_matches(Page, '^/(favicon|apple-touch-icon|android-chrome|mstile|browserconfig|site\.webmanifest|manifest\.json|robots\.txt|sitemap|ads\.txt|app-ads\.txt|humans\.txt|security\.txt|\.well-known/)')
    GROUP BY ALL
), known AS (
    SELECT Page FROM pages GROUP BY Page HAVING count(DISTINCT CIp) > 1 OR sum(Hits) > 0
)
SELECT CIp, count(*) FILTER (Misses > 0 AND k.Page IS NULL) AS Missing
FROM pages LEFT JOIN known AS k USING (Page)
GROUP BY CIp
HAVING Missing > count(*) FILTER (Hits > 0) AND Missing >= 30
