#!/bin/bash
# Runs one Redis on the volume at /data: the only one, or a member of a replica set. Settings are arguments, as `--name value`.
# shellcheck source=members.sh
. /usr/local/lib/satang/members.sh

have_data() { [ -s /data/appendonlydir/appendonly.aof.manifest ]; }

# Which member to follow, `me` for none. Who was master and starts again may lack what was written last, or all of it, and replicas throw away
# what their master does not have: so as long as another can take over, another shall.
whom_to_follow() {
  local deadline=$((SECONDS + 30)) refusals=0 named
  while ((SECONDS < deadline)); do
    named=$(named_by_peers)
    : "${named:=$(ask localhost $sentinel_port sentinel get-master-addr-by-name $master_name | head -n 1)}"
    if [ -n "$named" ] && [ "$named" != "$me" ]; then
      echo "$named"
      return
    fi
    if ! have_data && all_are_empty; then
      say "nobody has anything yet"
      echo me
      return
    fi
    case $(take_over_please) in
      OK* | *INPROG*) refusals=0 ;;
      *NOGOODSLAVE*) refusals=$((refusals + 1)) ;; # who says nothing may only be slow
    esac
    if have_data && ((refusals >= 8)); then break; fi
    sleep 0.5
  done
  say "nobody can take over: going on with what is here"
  echo me
}

all_are_empty() {
  local peer
  for peer in "${peers[@]}"; do
    if [ "$(ask "$peer" $server_port dbsize)" != 0 ]; then return 1; fi
  done
}

take_over_please() {
  local peer answer=
  for peer in "${peers[@]}"; do
    answer=$(ask "$peer" $sentinel_port sentinel failover $master_name)
    case $answer in OK* | *INPROG*) break ;; esac
  done
  echo "$answer"
}

settings=(
  --dir /data --appendonly yes --appendfsync everysec --save "" --maxmemory-policy noeviction
  --repl-diskless-sync-delay 0 --repl-ping-replica-period 2 --repl-timeout 10
)
# A full server refuses what is new and goes on; one that the kernel has killed does not. The rest is for replicas' buffers and for rewriting the file.
limit=$(cat /sys/fs/cgroup/memory.max 2> /dev/null || echo max)
if [ "$limit" != max ]; then settings+=(--maxmemory $((limit / 100 * 65))); fi

# Passwords stand in a file: arguments are for everybody to read. Nobody logs in as `default`, and it may do everything: under that name the server reads its
# own file, and leaves out each transaction in which that name may not do something.
cat > /tmp/redis.conf << END
user default off resetpass ~* &* +@all
user satang on >$REDIS_PASSWORD ~* &* +@all -@admin -@dangerous +info
user member on >$REDISCLI_AUTH ~* &* +@all
masteruser member
masterauth $REDISCLI_AUTH
END

if ((MEMBERS > 1)); then
  settings+=(--replica-announce-ip "$me" --min-replicas-to-write 1 --min-replicas-max-lag 3)
  master=$(whom_to_follow)
  say "following $master"
  if [ "$master" != me ]; then settings+=(--replicaof "$master $server_port"); fi
fi
exec redis-server /tmp/redis.conf "${settings[@]}" "$@"
