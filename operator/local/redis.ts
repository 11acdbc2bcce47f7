import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { ProcessSpec } from "./supervise.ts";

export type RedisOptions = {
  /** Its folder is made in here. */
  readonly state: { readonly path: string };
  readonly port: number;
  readonly password: string;
  /** The PATH to look for `redis-server` or `valkey-server` on. */
  readonly path: string;
  /** Settings of Redis by name, beside those that it has here. */
  readonly settings?: Readonly<Record<string, string>>;
};

export type LocalRedis = { readonly spec: ProcessSpec; readonly url: string; readonly program: string };

/** A Redis of our own, ready to be supervised. `undefined`: this machine has none, and the workers do without. */
export function localRedis({ state, port, password, path, settings = {} }: RedisOptions): LocalRedis | undefined {
  const program = onPath("redis-server", path) ?? onPath("valkey-server", path);
  if (!program) return undefined;
  const folder = join(state.path, "redis");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "redis.conf"); // not arguments: everybody on the machine can read those, and one is a password
  writeFileSync(file, configuration({ folder, port, password, settings }), { mode: 0o600 });
  const url = `redis://:${password}@127.0.0.1:${port}`;
  const spec: ProcessSpec = {
    name: "redis",
    command: program,
    args: [file],
    env: { TZ: "UTC" },
    cwd: folder,
    leash: "pipe",
    stopSignal: "SIGTERM",
    ready: () => pingRedis(url),
  };
  return { spec, url, program };
}

type Configured = Required<Pick<RedisOptions, "port" | "password" | "settings">> & { readonly folder: string };

function configuration({ folder, port, password, settings }: Configured): string {
  return [
    "bind 127.0.0.1",
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(folder)}`,
    "appendonly yes",
    "appendfsync everysec",
    'save ""', // the append-only file is enough
    "maxmemory 256mb", // it holds hints of a few seconds of work
    "maxmemory-policy noeviction", // a hint that vanished silently would look like work that was done
    ...Object.entries(settings).map(([name, value]) => `${name} ${value || '""'}`),
    "",
  ].join("\n");
}

const answerMs = 2_000;

/** True when it takes commands. Throws, with its own words, when it does not: not reachable, wrong password, still loading. */
export async function pingRedis(url: string): Promise<true> {
  const { protocol, hostname, port, username, password } = new URL(url);
  const at = { host: hostname, port: Number(port || 6379) };
  const socket = protocol === "rediss:" ? connectTls(at) : connect(at);
  socket.setTimeout(answerMs, () => socket.destroy(new Error(`no answer in ${answerMs} ms`)));
  const login = password ? [["AUTH", ...(username ? [decodeURIComponent(username)] : []), decodeURIComponent(password)]] : [];
  socket.write([...login, ["PING"]].map(command).join(""));
  try {
    let answer = "";
    for await (const chunk of socket) {
      answer += String(chunk);
      if (answer.includes("+PONG\r\n")) return true;
      const refused = /^-(.*)\r\n/m.exec(answer);
      if (refused) throw new Error(refused[1]);
    }
    throw new Error("it closed the line");
  } finally {
    socket.destroy();
  }
}

const command = (words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;

function onPath(program: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
