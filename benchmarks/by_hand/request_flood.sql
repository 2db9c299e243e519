WITH pages AS (
    SELECT CIp, time_bucket(INTERVAL 1 MINUTE, TimeGenerated) AS Minute, count(*) AS Hits
    FROM AppServiceHTTPLogs
    WHERE CIp <> '' AND NOT regexp_matches(CsUriStem, '(?i)\.(css|js|mjs|map|png|jpe?g|gif|svg|webp|avif|ico|woff2?|ttf|eot|mp4|webm|webmanifest)$|^/(_next|static|assets|_nuxt)/')
    GROUP BY ALL
), everybody AS (
    SELECT Minute, sum(Hits) AS Together FROM pages GROUP BY Minute
)
SELECT CIp, sum(Hits) FROM pages JOIN everybody USING (Minute)
WHERE Hits >= 300 AND Hits > Together - Hits
GROUP BY CIp HAVING sum(Hits) >= 1500
