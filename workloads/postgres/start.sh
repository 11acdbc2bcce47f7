#!/bin/bash
# Runs one member on the volume at /data. Patroni reads what all members share from the file that is mounted, what is this member's own and what is secret
# from PATRONI_… variables, and from then on what changes from the cluster's ConfigMaps.
set -euo pipefail
umask 077
if [ -d /data/pg ]; then chmod 0700 /data/pg; fi # fsGroup may have widened it, and the server refuses that

# What is mounted may change while the server runs. Passwords: the Secret may be lost and made anew, and the server takes the new ones before any member is
# started with them. Settings and certificates: Patroni and the server read them again when they are told to.
files() { cat /etc/satang/settings/* /etc/satang/postgres-tls/*; }
(
  given=$(cat /etc/satang/passwords/*)
  read=$(files)
  while sleep 5; do
    wanted=$(cat /etc/satang/passwords/*)
    if [ "$wanted" != "$given" ] && set-passwords; then given=$wanted; fi
    found=$(files)
    if [ "$found" != "$read" ] && kill -HUP $$; then read=$found; fi
  done
) &
exec patroni /etc/satang/settings/patroni.yml
