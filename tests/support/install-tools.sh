#!/bin/sh
# Installs what some tests use beside Python (a browser, axe-core, Microsoft's KQL parser, PostgreSQL, Redis), where that is
# possible without asking: Debian's packages as root, npm packages anywhere. What stays missing makes those tests skip and say so.
set -u

missing=
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v npm >/dev/null 2>&1 || missing="$missing nodejs npm"
{ command -v postgres || ls /usr/lib/postgresql/*/bin/postgres; } >/dev/null 2>&1 || missing="$missing postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing$missing"
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing; } >/dev/null 2>&1 ||
        echo "could not install$missing; the tests that use them will skip"
fi

kusto=.lab/kusto
if command -v npm >/dev/null 2>&1 && [ ! -d "$kusto/node_modules/@kusto/language-service-next" ]; then
    mkdir -p "$kusto"
    npm install --silent --no-audit --no-fund --prefix "$kusto" '@kusto/language-service-next@>=12 <13' >/dev/null 2>&1 ||
        echo "could not install Microsoft's KQL parser; lab check and the tests will skip it and say so"
fi

axe=.lab/axe
if command -v npm >/dev/null 2>&1 && [ ! -f "$axe/node_modules/axe-core/axe.min.js" ]; then
    mkdir -p "$axe"
    npm install --silent --no-audit --no-fund --prefix "$axe" 'axe-core@>=4.10 <5' >/dev/null 2>&1 ||
        echo "could not install axe-core; the tests of the app's accessibility will skip"
fi
exit 0
