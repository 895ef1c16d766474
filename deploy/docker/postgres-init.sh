#!/usr/bin/env bash
# Run once by the postgres image on an empty data folder: CdcSync's store, the demo's databases, and the role that captures.
set -euo pipefail
run() { psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-psqlrc --quiet "$@"; }

run --dbname postgres --set password="$CAPTURE_PASSWORD" <<'SQL'
create role cdcsync_reader login replication password :'password';
create database cdcsync;
create database finance;
create database erp;
create database wms;
SQL
for database in erp wms; do
  run --dbname "$database" --single-transaction --file "/demo/$database.sql"
  run --dbname "$database" --command "grant usage on schema public to cdcsync_reader" --command "grant select on all tables in schema public to cdcsync_reader" \
    --command "create publication cdcsync_$database for all tables" --command "analyze"
done
