#!/bin/bash
# Gives the database's own users the passwords that are mounted, if this server takes writes. Patroni calls it after each start and each change of role.
# It waits for no standby: a standby may be waiting for its password.
set -euo pipefail
exec psql --no-psqlrc --quiet --tuples-only --host=/tmp --username=satang --dbname=postgres --set=ON_ERROR_STOP=1 > /dev/null <<'SQL'
select not pg_is_in_recovery() as writes \gset
\if :writes
  set synchronous_commit = local;
  set log_min_error_statement = panic; -- the log must not tell them
  \set owner `cat /etc/satang/passwords/owner`
  \set replicator `cat /etc/satang/passwords/replicator`
  \set rewinder `cat /etc/satang/passwords/rewinder`
  alter role satang password :'owner';
  alter role replicator password :'replicator';
  alter role rewinder password :'rewinder';
\endif
SQL
