#!/bin/bash
# Runs one PostgreSQL on the volume at /data; makes its files when there are none. POSTGRES_PASSWORD is that of the owner, `satang`:
# whatever it was, it becomes this one, so a Secret that was lost and made anew fits again. Settings are arguments, as `-c name=value`.
set -euo pipefail
umask 077
export PGDATA=/data/pg
password=$(printf %s "$POSTGRES_PASSWORD" | sed "s/'/''/g")

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  rm -rf "$PGDATA" "$PGDATA.new" # an earlier try died half-way; PG_VERSION is moved into place with all the rest
  initdb --pgdata="$PGDATA.new" --username=satang --auth-local=reject --auth-host=scram-sha-256 --pwfile=<(printf %s "$POSTGRES_PASSWORD") \
    --data-checksums --encoding=UTF8 --locale=C.UTF-8
  echo "host all all all scram-sha-256" >> "$PGDATA.new/pg_hba.conf"
  postgres --single -D "$PGDATA.new" postgres <<< "create database satang;" > /dev/null
  mv "$PGDATA.new" "$PGDATA"
  sync
fi
chmod 0700 "$PGDATA" # fsGroup may have widened it, and the server refuses that
rm -f "$PGDATA/postmaster.pid" # of a container that is gone: the volume is this pod's alone
postgres --single -D "$PGDATA" postgres <<< "alter role satang password '$password';" > /dev/null
exec postgres -D "$PGDATA" -c "listen_addresses=*" -c unix_socket_directories=/tmp "$@"
