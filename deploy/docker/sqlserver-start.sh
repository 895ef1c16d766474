#!/usr/bin/env bash
# Starts SQL Server and, when it answers, makes the demo's CRM. The server stays in the foreground's place: when it ends, the container ends.
set -euo pipefail
/opt/mssql/bin/sqlservr &
server=$!
trap 'kill -TERM "$server"; wait "$server"' TERM INT
sql() { SQLCMDPASSWORD="$MSSQL_SA_PASSWORD" /opt/mssql-tools18/bin/sqlcmd -C -S 127.0.0.1 -U sa -b "$@"; }
until sql -Q 'select 1' > /dev/null 2>&1; do
  kill -0 "$server" || exit 1
  sleep 2
done
sql -i /demo/sqlserver-init.sql
wait "$server"
