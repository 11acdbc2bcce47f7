#!/bin/bash
# Runs one Sentinel beside one member. It is told at each start who the members are, so that it need not find them out from a master that may be gone;
# of what it had written to the volume it keeps whom it followed, and the numbers of the elections that it took part in.
# shellcheck source=members.sh
. /usr/local/lib/satang/members.sh

file=/data/sentinel.conf
kept() { [ -f $file ] && grep -E "^sentinel $1" $file || true; }

id_of() { printf %s "$1" | sha1sum | cut -c 1-40; }

master=$(named_by_peers)
: "${master:=$(kept "monitor $master_name" | awk '{ print $4 }')}"
: "${master:=$(name_of 0)}"

# Until the cluster's DNS knows it; for a while only: a member that is nowhere must not keep the others from electing.
for ((tries = 0; tries < 20; tries++)); do
  if getent hosts "$master" > /dev/null; then break; fi
  sleep 0.5
done

{
  cat << END
port $sentinel_port
dir /tmp
user default reset
user satang on >$REDIS_PASSWORD resetchannels &+switch-master +@connection -@admin -@dangerous +info +subscribe +unsubscribe +sentinel|get-master-addr-by-name +sentinel|sentinels
user member on >$REDISCLI_AUTH ~* &* +@all
sentinel sentinel-user member
sentinel sentinel-pass $REDISCLI_AUTH
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $me
sentinel myid $(id_of "$me")
sentinel monitor $master_name $master $server_port $((MEMBERS / 2 + 1))
sentinel auth-user $master_name member
sentinel auth-pass $master_name $REDISCLI_AUTH
sentinel down-after-milliseconds $master_name 3000
sentinel failover-timeout $master_name 5000
sentinel parallel-syncs $master_name 1
END
  kept "config-epoch $master_name"
  kept "leader-epoch $master_name"
  kept current-epoch
  for name in "$me" "${peers[@]}"; do
    if [ "$name" != "$master" ]; then echo "sentinel known-replica $master_name $name $server_port"; fi
  done
  for name in "${peers[@]}"; do
    echo "sentinel known-sentinel $master_name $name $sentinel_port $(id_of "$name")"
  done
} > $file.new
mv $file.new $file

# A connection whose first packet was rejected and whose second got through (by a NetworkPolicy that has not heard of a new pod yet, say) keeps an error
# that Sentinel never reads: it is woken for it again and again, and takes a whole core as long as the connection lasts (redis/redis#9956). So all members
# are asked to close what they have with members: Sentinels connect anew at once, and replicas are not touched.
ticks() { awk '{ print $14 + $15 }' /proc/$$/stat; } # hundredths of a second of a core, of what this script becomes
close_broken_connections() {
  local before now host port kind
  before=$(ticks)
  while sleep 10; do
    now=$(ticks)
    if ((now - before > 100)); then # a Sentinel that has nothing to do takes 4
      say "busy with a broken connection: it is closed"
      for host in "$me" "${peers[@]}"; do
        for port in $server_port $sentinel_port; do
          for kind in normal pubsub; do ask "$host" "$port" client kill type $kind user member > /dev/null; done
        done
      done
    fi
    before=$(ticks)
  done
}
close_broken_connections &

say "watching $master"
exec redis-server $file --sentinel
