-- Functions of KQL that duckdb-kql does not have, as macros of DuckDB: kql_<name> is what KQL calls
-- <name>. One statement a function; several arities stand in one. Facts are of Microsoft's reference
-- (learn.microsoft.com/kusto/query/<name>-function).

-- A dynamic array as a list, whatever it was made of.
CREATE TEMP MACRO of_list(x) AS CASE WHEN json_type(to_json(x)) = 'ARRAY' THEN CAST(to_json(x) AS JSON[]) ELSE CAST([] AS JSON[]) END;
CREATE TEMP MACRO of_text(x) AS CASE WHEN json_type(x) = 'NULL' THEN NULL ELSE x ->> '$' END;

CREATE TEMP MACRO kql_strcmp(a, b) AS CAST(CASE WHEN a < b THEN -1 WHEN a > b THEN 1 ELSE 0 END AS BIGINT);
-- Bytes that are no UTF-8 are replaced, as .NET does: an attacker's text never ends an evaluation.
CREATE TEMP MACRO decoded(x) AS coalesce(try(url_decode(x)), url_decode(regexp_replace(x, '%[89A-Fa-f][0-9A-Fa-f]', '%EF%BF%BD', 'g')));
CREATE TEMP MACRO kql_url_decode(x) AS decoded(CAST(x AS VARCHAR));
CREATE TEMP MACRO kql_url_encode(x) AS url_encode(CAST(x AS VARCHAR));
CREATE TEMP MACRO kql_url_encode_component(x) AS url_encode(CAST(x AS VARCHAR));
CREATE TEMP MACRO kql_string_size(x) AS CAST(strlen(CAST(x AS VARCHAR)) AS BIGINT);
CREATE TEMP MACRO kql_tohex(x) AS CASE WHEN x < 0 THEN lower(to_hex(CAST(x AS BIGINT))) ELSE format('{:x}', CAST(x AS BIGINT)) END, (x, width) AS lpad(format('{:x}', CAST(x AS BIGINT)), CAST(width AS INTEGER), '0');
CREATE TEMP MACRO kql_translate(sought, instead, x) AS translate(x, sought, instead);
CREATE TEMP MACRO kql_isascii(x) AS coalesce(NOT regexp_matches(x, '[^\x00-\x7F]'), true);
CREATE TEMP MACRO kql_regex_quote(x) AS regexp_escape(x);
CREATE TEMP MACRO kql_indexof_regex(x, pattern) AS CAST(CASE WHEN regexp_matches(x, pattern) THEN position(regexp_extract(x, pattern) IN x) - 1 ELSE -1 END AS BIGINT);
CREATE TEMP MACRO kql_extract_json(path, x) AS json_extract_string(TRY_CAST(x AS JSON), path);
CREATE TEMP MACRO kql_rand() AS random(), (n) AS CAST(floor(random() * n) AS BIGINT);
CREATE TEMP MACRO kql_new_guid() AS uuid();
CREATE TEMP MACRO kql_todecimal(x) AS TRY_CAST(x AS DECIMAL(38, 10));

-- Dynamic values
CREATE TEMP MACRO kql_strcat_array(x, delimiter) AS array_to_string(list_transform(of_list(x), lambda e: coalesce(of_text(e), '')), delimiter);
CREATE TEMP MACRO kql_bag_keys(x) AS CASE WHEN json_type(x) = 'OBJECT' THEN to_json(json_keys(x)) END;
CREATE TEMP MACRO kql_bag_has_key(x, k) AS coalesce(list_contains(json_keys(x), k), false);
CREATE TEMP MACRO kql_bag_merge(a, b) AS json_merge_patch(b, a), (a, b, c) AS json_merge_patch(c, json_merge_patch(b, a));
CREATE TEMP MACRO kql_set_difference(a, b) AS to_json(list_distinct(list_filter(of_list(a), lambda e: NOT list_contains(of_list(b), e))));
CREATE TEMP MACRO kql_set_intersect(a, b) AS to_json(list_distinct(list_filter(of_list(a), lambda e: list_contains(of_list(b), e))));
CREATE TEMP MACRO kql_set_union(a, b) AS to_json(list_distinct(list_concat(of_list(a), of_list(b))));
CREATE TEMP MACRO kql_jaccard_index(a, b) AS CAST(len(list_distinct(list_filter(of_list(a), lambda e: list_contains(of_list(b), e)))) AS DOUBLE) / len(list_distinct(list_concat(of_list(a), of_list(b))));
CREATE TEMP MACRO kql_parse_csv(x) AS to_json(list_transform(regexp_extract_all(x, '(?:^|,)("(?:[^"]|"")*"|[^,]*)', 1), lambda e: CASE WHEN starts_with(e, '"') THEN replace(e[2:-2], '""', '"') ELSE e END));
CREATE TEMP MACRO kql_range(a, b) AS to_json(generate_series(a, b)), (a, b, step) AS to_json(generate_series(a, b, step));
CREATE TEMP MACRO kql_repeat(x, n) AS to_json(list_transform(range(CAST(n AS BIGINT)), lambda i: x));
CREATE TEMP MACRO kql_parse_path(x) AS json_object('Scheme', regexp_extract(x, '^([A-Za-z][A-Za-z0-9+.-]*)://', 1), 'RootPath', regexp_extract(x, '^([A-Za-z]:)', 1), 'DirectoryPath', regexp_extract(x, '^(.*)[/\\][^/\\]*$', 1), 'DirectoryName', regexp_extract(x, '([^/\\]+)[/\\][^/\\]*$', 1), 'Filename', regexp_extract(x, '([^/\\]*)$', 1), 'Extension', regexp_extract(x, '\.([^./\\]+)$', 1), 'AlternateDataStreamName', '');
CREATE TEMP MACRO kql_parse_urlquery(x) AS json_object('Query Parameters', CAST(map_from_entries(list_transform(list_filter(str_split(ltrim(x, '?'), '&'), lambda e: e <> ''), lambda e: struct_pack(k := decoded(split_part(e, '=', 1)), v := decoded(substr(e, length(split_part(e, '=', 1)) + 2))))) AS JSON));
CREATE TEMP MACRO kql_parse_version(x) AS CAST(coalesce(list_sum(list_transform(str_split(x, '.')[1:4], lambda e, i: coalesce(TRY_CAST(e AS HUGEINT), 0) * CAST(pow(10::DOUBLE, 8 * (4 - i)) AS HUGEINT))), 0) AS DECIMAL(38, 0));

-- Times
CREATE TEMP MACRO kql_unixtime_seconds_todatetime(n) AS make_timestamp(CAST(CAST(n AS DOUBLE) * 1000000 AS BIGINT));
CREATE TEMP MACRO kql_unixtime_milliseconds_todatetime(n) AS make_timestamp(CAST(CAST(n AS DOUBLE) * 1000 AS BIGINT));
CREATE TEMP MACRO kql_unixtime_microseconds_todatetime(n) AS make_timestamp(CAST(n AS BIGINT));
CREATE TEMP MACRO kql_unixtime_nanoseconds_todatetime(n) AS make_timestamp(CAST(n AS BIGINT) // 1000);
CREATE TEMP MACRO kql_datetime_part(part, t) AS CAST(CASE lower(part) WHEN 'year' THEN year(t) WHEN 'quarter' THEN quarter(t) WHEN 'month' THEN month(t) WHEN 'week_of_year' THEN weekofyear(t) WHEN 'day' THEN day(t) WHEN 'dayofyear' THEN dayofyear(t) WHEN 'hour' THEN hour(t) WHEN 'minute' THEN minute(t) WHEN 'second' THEN second(t) WHEN 'millisecond' THEN millisecond(t) % 1000 WHEN 'microsecond' THEN microsecond(t) % 1000000 END AS BIGINT);
CREATE TEMP MACRO kql_datetime_add(part, n, t) AS CASE lower(part) WHEN 'year' THEN t + to_years(CAST(n AS INTEGER)) WHEN 'quarter' THEN t + to_months(3 * CAST(n AS INTEGER)) WHEN 'month' THEN t + to_months(CAST(n AS INTEGER)) WHEN 'week' THEN t + to_days(7 * CAST(n AS INTEGER)) WHEN 'day' THEN t + to_days(CAST(n AS INTEGER)) WHEN 'hour' THEN t + to_hours(CAST(n AS BIGINT)) WHEN 'minute' THEN t + to_minutes(CAST(n AS BIGINT)) WHEN 'second' THEN t + to_seconds(CAST(n AS DOUBLE)) WHEN 'millisecond' THEN t + to_milliseconds(CAST(n AS DOUBLE)) END;
CREATE TEMP MACRO kql_format_timespan(x, form) AS replace(replace(replace(replace(replace(replace(replace(replace(replace(form, 'dd', lpad(CAST(epoch_us(x) // 86400000000 AS VARCHAR), 2, '0')), 'd', CAST(epoch_us(x) // 86400000000 AS VARCHAR)), 'hh', lpad(CAST(epoch_us(x) // 3600000000 % 24 AS VARCHAR), 2, '0')), 'HH', lpad(CAST(epoch_us(x) // 3600000000 % 24 AS VARCHAR), 2, '0')), 'h', CAST(epoch_us(x) // 3600000000 % 24 AS VARCHAR)), 'mm', lpad(CAST(epoch_us(x) // 60000000 % 60 AS VARCHAR), 2, '0')), 'ss', lpad(CAST(epoch_us(x) // 1000000 % 60 AS VARCHAR), 2, '0')), 'fff', lpad(CAST(epoch_us(x) // 1000 % 1000 AS VARCHAR), 3, '0')), 'm', CAST(epoch_us(x) // 60000000 % 60 AS VARCHAR));
CREATE TEMP MACRO kql_format_bytes(n) AS CASE WHEN abs(n) >= 1099511627776 THEN round(n / 1099511627776.0, 0) || ' TB' WHEN abs(n) >= 1073741824 THEN CAST(CAST(round(n / 1073741824.0, 0) AS BIGINT) AS VARCHAR) || ' GB' WHEN abs(n) >= 1048576 THEN CAST(CAST(round(n / 1048576.0, 0) AS BIGINT) AS VARCHAR) || ' MB' WHEN abs(n) >= 1024 THEN CAST(CAST(round(n / 1024.0, 0) AS BIGINT) AS VARCHAR) || ' KB' ELSE CAST(n AS VARCHAR) || ' Bytes' END;

-- IPv4: an address is a number of 32 bits; null for what is none.
CREATE TEMP MACRO ip_number(x) AS CASE WHEN regexp_matches(x, '^\s*((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(/(3[0-2]|[12]?[0-9]))?\s*$') THEN CAST(split_part(x, '.', 1) AS BIGINT) * 16777216 + CAST(split_part(x, '.', 2) AS BIGINT) * 65536 + CAST(split_part(x, '.', 3) AS BIGINT) * 256 + CAST(split_part(split_part(x, '.', 4), '/', 1) AS BIGINT) END;
CREATE TEMP MACRO ip_prefix(x) AS CASE WHEN contains(x, '/') THEN TRY_CAST(split_part(x, '/', 2) AS INTEGER) ELSE 32 END;
CREATE TEMP MACRO ip_cut(n, prefix) AS n >> (32 - prefix);
CREATE TEMP MACRO kql_ipv4_compare(a, b) AS CAST(sign(ip_cut(ip_number(a), least(ip_prefix(a), ip_prefix(b))) - ip_cut(ip_number(b), least(ip_prefix(a), ip_prefix(b)))) AS BIGINT), (a, b, prefix) AS CAST(sign(ip_cut(ip_number(a), least(ip_prefix(a), ip_prefix(b), CAST(prefix AS INTEGER))) - ip_cut(ip_number(b), least(ip_prefix(a), ip_prefix(b), CAST(prefix AS INTEGER)))) AS BIGINT);
CREATE TEMP MACRO kql_ipv4_is_match(a, b) AS ip_cut(ip_number(a), least(ip_prefix(a), ip_prefix(b))) = ip_cut(ip_number(b), least(ip_prefix(a), ip_prefix(b))), (a, b, prefix) AS ip_cut(ip_number(a), least(ip_prefix(a), ip_prefix(b), CAST(prefix AS INTEGER))) = ip_cut(ip_number(b), least(ip_prefix(a), ip_prefix(b), CAST(prefix AS INTEGER)));
CREATE TEMP MACRO kql_ipv4_is_in_range(a, network) AS ip_cut(ip_number(a), ip_prefix(network)) = ip_cut(ip_number(network), ip_prefix(network));
CREATE TEMP MACRO kql_ipv4_is_private(a) AS ip_number(a) >> 24 = 10 OR ip_number(a) >> 20 = 2753 OR ip_number(a) >> 16 = 49320;
CREATE TEMP MACRO kql_ipv4_netmask_suffix(a) AS CASE WHEN ip_number(a) IS NOT NULL THEN CAST(ip_prefix(a) AS BIGINT) END;
CREATE TEMP MACRO kql_parse_ipv4_mask(a, prefix) AS ip_cut(ip_number(a), CAST(prefix AS INTEGER)) << (32 - CAST(prefix AS INTEGER));
CREATE TEMP MACRO ip_written(n) AS concat(n >> 24, '.', (n >> 16) & 255, '.', (n >> 8) & 255, '.', n & 255);
CREATE TEMP MACRO kql_format_ipv4(a) AS coalesce(ip_written(coalesce(TRY_CAST(a AS BIGINT), ip_number(CAST(a AS VARCHAR)))), ''), (a, prefix) AS coalesce(ip_written(ip_cut(coalesce(TRY_CAST(a AS BIGINT), ip_number(CAST(a AS VARCHAR))), CAST(prefix AS INTEGER)) << (32 - CAST(prefix AS INTEGER))), '');
CREATE TEMP MACRO kql_has_ipv4(x, a) AS regexp_matches(x, '(^|[^0-9A-Za-z.])' || regexp_escape(a) || '($|[^0-9A-Za-z.])');
CREATE TEMP MACRO kql_has_ipv4_prefix(x, a) AS regexp_matches(x, '(^|[^0-9A-Za-z.])' || regexp_escape(a) || CASE WHEN ends_with(a, '.') THEN '[0-9]' ELSE '($|[^0-9A-Za-z])' END);

-- Rows in their order: serialize, sort and top give it.
CREATE TEMP MACRO kql_row_number() AS row_number() OVER (), (start) AS start - 1 + row_number() OVER ();
CREATE TEMP MACRO kql_prev(x) AS lag(x) OVER (), (x, n) AS lag(x, CAST(n AS INTEGER)) OVER (), (x, n, otherwise) AS lag(x, CAST(n AS INTEGER), otherwise) OVER ();
CREATE TEMP MACRO kql_next(x) AS lead(x) OVER (), (x, n) AS lead(x, CAST(n AS INTEGER)) OVER (), (x, n, otherwise) AS lead(x, CAST(n AS INTEGER), otherwise) OVER ();
CREATE TEMP MACRO kql_row_cumsum(x) AS sum(x) OVER (ROWS UNBOUNDED PRECEDING);

-- Series: what make-series is made of, and figures of a series.
CREATE TEMP MACRO lab_rank_within(value, part) AS row_number() OVER (PARTITION BY part ORDER BY value DESC NULLS LAST);
CREATE TEMP MACRO lab_number_within(part) AS row_number() OVER (PARTITION BY part);
CREATE TEMP MACRO lab_least(x) AS min(x) OVER ();
CREATE TEMP MACRO lab_most(x) AS max(x) OVER ();
CREATE TEMP MACRO lab_steps(a, b, step) AS to_json(range(a, b, step));
CREATE TEMP MACRO lab_series(times, found, a, b, step, otherwise) AS to_json(list_transform(range(a, b, step), lambda m: coalesce(found[list_position(times, m)], otherwise)));
CREATE TEMP MACRO of_numbers(x) AS list_transform(of_list(x), lambda e: TRY_CAST(of_text(e) AS DOUBLE));
CREATE TEMP MACRO kql_series_sum(x) AS list_sum(of_numbers(x));
CREATE TEMP MACRO kql_series_stats_dynamic(x) AS json_object('min', list_min(of_numbers(x)), 'min_idx', list_position(of_numbers(x), list_min(of_numbers(x))) - 1, 'max', list_max(of_numbers(x)), 'max_idx', list_position(of_numbers(x), list_max(of_numbers(x))) - 1, 'avg', list_avg(of_numbers(x)), 'stdev', list_stddev_samp(of_numbers(x)), 'variance', list_var_samp(of_numbers(x)));
CREATE TEMP MACRO kql_series_fill_const(x, otherwise) AS to_json(list_transform(of_numbers(x), lambda e: coalesce(e, otherwise)));
CREATE TEMP MACRO kql_series_add(a, b) AS to_json(list_transform(list_zip(of_numbers(a), of_numbers(b)), lambda e: e[1] + e[2]));
CREATE TEMP MACRO kql_series_subtract(a, b) AS to_json(list_transform(list_zip(of_numbers(a), of_numbers(b)), lambda e: e[1] - e[2]));
CREATE TEMP MACRO kql_series_multiply(a, b) AS to_json(list_transform(list_zip(of_numbers(a), of_numbers(b)), lambda e: e[1] * e[2]));
CREATE TEMP MACRO kql_series_divide(a, b) AS to_json(list_transform(list_zip(of_numbers(a), of_numbers(b)), lambda e: e[1] / e[2]));
CREATE TEMP MACRO kql_series_abs(x) AS to_json(list_transform(of_numbers(x), lambda e: abs(e)));
CREATE TEMP MACRO lab_in_any_range(a, networks) AS len(list_filter(of_list(networks), lambda n: kql_ipv4_is_in_range(a, n ->> '$'))) > 0;
CREATE TEMP MACRO lab_has_any_ipv4(x, addresses) AS len(list_filter(of_list(addresses), lambda n: kql_has_ipv4(x, n ->> '$'))) > 0;
CREATE TEMP MACRO lab_has_any_ipv4_prefix(x, addresses) AS len(list_filter(of_list(addresses), lambda n: kql_has_ipv4_prefix(x, n ->> '$'))) > 0;
CREATE TEMP MACRO lab_bin_time(t, size, start) AS start + to_microseconds(CAST(floor((epoch_us(t) - epoch_us(start)) / CAST(epoch_us(size) AS DOUBLE)) * epoch_us(size) AS BIGINT));
CREATE TEMP MACRO lab_bin_number(n, size, start) AS start + floor((n - start) / CAST(size AS DOUBLE)) * size;
