#!/bin/bash
# Before a master ends: writes wait while another takes over, so that none is told to be done and then lost. Replicas have nothing to hand over.
# shellcheck source=members.sh
. /usr/local/lib/satang/members.sh

role() { ask localhost $server_port role | head -n 1; }

if [ "$(role)" != master ]; then exit 0; fi
ask localhost $server_port client pause 10000 write
sleep 0.1
for peer in "${peers[@]}"; do # not our own Sentinel: it may be on its way out too
  case $(ask "$peer" $sentinel_port sentinel failover $master_name) in OK* | *INPROG*) break ;; esac
done
for ((tries = 0; tries < 30; tries++)); do
  if [ "$(role)" = slave ]; then exit 0; fi
  sleep 0.2
done
ask localhost $server_port client unpause
