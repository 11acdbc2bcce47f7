#!/bin/bash
# Runs one Redis on the volume at /data. REDIS_PASSWORD is what it asks for. Settings are arguments, as `--name value`.
set -euo pipefail
umask 077
# A file, not an argument: arguments are for everybody to read.
printf 'requirepass %s\n' "$REDIS_PASSWORD" > /tmp/redis.conf
exec redis-server /tmp/redis.conf --dir /data --appendonly yes --appendfsync everysec --save "" --maxmemory-policy noeviction "$@"
