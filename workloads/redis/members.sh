# Read by the other scripts: who belongs to the replica set, and how they are asked. POD_NAME is who we are, SERVICE the headless Service that
# gives each member its name, MEMBERS how many there are. All log in as `member`; redis-cli takes the password from REDISCLI_AUTH.
set -euo pipefail
umask 077

server_port=6379
sentinel_port=26379
# What Sentinels call the master, as in the URL that clients have.
master_name=satang

# In a namespace of its own, so that it needs neither the namespace's name nor the cluster's domain.
name_of() { echo "${POD_NAME%-*}-$1.$SERVICE"; }
me=$(name_of "${POD_NAME##*-}")
peers=()
for ((ordinal = 0; ordinal < MEMBERS; ordinal++)); do
  name=$(name_of "$ordinal")
  if [ "$name" != "$me" ]; then peers+=("$name"); fi
done

# ask HOST PORT WORDS…: the answer, or nothing when there is none within a second.
ask() {
  local host=$1 port=$2
  shift 2
  timeout 1 redis-cli --user member -h "$host" -p "$port" "$@" 2> /dev/null || true
}

# The master that most of the others' Sentinels name; nothing: none of them answers.
named_by_peers() {
  local peer
  for peer in "${peers[@]}"; do
    ask "$peer" $sentinel_port sentinel get-master-addr-by-name $master_name | head -n 1 &
  done | grep -E '^[a-z0-9.-]+$' | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }' || true
}

say() { echo "$(date -u +%FT%TZ) $*" >&2; }
