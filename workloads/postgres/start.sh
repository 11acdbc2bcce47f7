#!/bin/bash
# Runs one member on the volume at /data. Patroni reads what all members share from the file that is mounted, what is this member's own and what is secret
# from PATRONI_… variables, and from then on what changes from the cluster's ConfigMaps.
set -euo pipefail
umask 077
if [ -d /data/pg ]; then chmod 0700 /data/pg; fi # fsGroup may have widened it, and the server refuses that

# The Secret may be changed, or lost and made anew, while the server runs: it takes the new passwords before any member is started with them.
(
  given=$(cat /etc/satang/passwords/*)
  while sleep 5; do
    wanted=$(cat /etc/satang/passwords/*)
    if [ "$wanted" != "$given" ] && set-passwords; then given=$wanted; fi
  done
) &
exec patroni /etc/satang/settings/patroni.yml
