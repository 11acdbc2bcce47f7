// $$ stays the pid of the whole shell, which `exec` makes the pid of the command. The watcher is a grandchild, so that the command never
// sees a child that it did not start; it reads from a pipe whose other end we alone hold.
const script = `signal=$1; shift
exec 3<&0 </dev/null
( { read -r _ <&3; kill -s "$signal" $$; } >/dev/null 2>&1 & )
exec "$@" 3<&-`;

/**
 * A command that ends when we do, also by SIGKILL: once the pipe that it has for stdin closes, it gets `signal`.
 * For programs that are not ours; a process of ours watches its channel to us instead.
 */
export function leashed(signal: "INT" | "TERM", command: string, args: readonly string[]): { command: string; args: string[] } {
  return { command: "/bin/sh", args: ["-c", script, "leash", signal, command, ...args] };
}
