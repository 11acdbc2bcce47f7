import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect } from "vitest";
import { Fleet } from "../../../operator/local/fleet.ts";
import { Ports } from "../../../operator/local/ports.ts";
import { somePort } from "../../support/set-up.ts";
import { testFolder } from "../../support/test-folder.ts";

const words = { REDIS_PASSWORD: "word-of-clients", REDISCLI_AUTH: "word-of-members" };
const name = "satang";

/** Three servers and three Sentinels on this machine, with the users and their rights that the image gives them. */
export interface ReplicaSet extends AsyncDisposable {
  readonly url: string;
  /** Number of the member that takes writes, as the first Sentinel says. */
  master(): Promise<number>;
  /** Ends a server at once and for good. */
  kill(member: number): Promise<void>;
  /** Ends a server at once; it starts again, with what it has on its disk, before anybody has missed it. */
  crash(member: number): Promise<void>;
  /** A server that is there, and answers nobody: for its clients like one that is cut off. */
  freeze(member: number): void;
  wake(member: number): void;
  /** A Sentinel that is there, and answers nobody. */
  freezeSentinel(sentinel: number): void;
  /** So many bytes may be in the master, and no more; says which member that is. */
  boundMemory(bytes: number): Promise<number>;
  /** Asks a Sentinel for another master, while all is well. */
  handOver(): Promise<void>;
}

export async function startReplicaSet(): Promise<ReplicaSet> {
  const folder = testFolder();
  const fleet = new Fleet({ logs: folder.path });
  const ports = new Ports();
  const take = async () => (await ports.take(somePort())).port;
  const servers = [await take(), await take(), await take()];
  const sentinels = [await take(), await take(), await take()];

  for (const [member, port] of servers.entries()) await start(`redis-${member}`, port, serverFile(port), []);
  for (const [member, port] of sentinels.entries()) await start(`sentinel-${member}`, port, sentinelFile(port), ["--sentinel"]);

  async function start(process: string, port: number, lines: readonly string[], options: string[]): Promise<void> {
    const cwd = join(folder.path, process);
    mkdirSync(cwd);
    const file = join(cwd, "redis.conf"); // Sentinels write to it what they find out
    writeFileSync(file, [`port ${port}`, "bind 127.0.0.1", 'save ""', `dir ${cwd}`, "appendonly yes", ...lines].join("\n"));
    const ready = async () => (await ask(port, "ping")) === "PONG";
    fleet.start(
      { name: process, command: "redis-server", args: [file, ...options], env: {}, cwd, leash: "pipe", stopSignal: "SIGTERM", ready },
      "redis",
    );
    await fleet.ready(process, 20_000);
  }

  async function masterNow(): Promise<number> {
    const [, port] = (await ask(sentinels[0]!, "sentinel", "get-master-addr-by-name", name)) as [string, string];
    return servers.indexOf(Number(port));
  }

  function serverFile(port: number): string[] {
    const following = port === servers[0] ? [] : [`replicaof 127.0.0.1 ${servers[0]}`];
    return [...usersIn("server.sh"), `masteruser member`, `masterauth ${words.REDISCLI_AUTH}`, ...following];
  }

  function sentinelFile(port: number): string[] {
    const replicas = servers.slice(1).map((replica) => `sentinel known-replica ${name} 127.0.0.1 ${replica}`);
    return [
      ...usersIn("sentinel.sh"),
      `sentinel myid ${String(port).padStart(40, "0")}`,
      "sentinel sentinel-user member",
      `sentinel sentinel-pass ${words.REDISCLI_AUTH}`,
      `sentinel monitor ${name} 127.0.0.1 ${servers[0]} 2`,
      `sentinel auth-user ${name} member`,
      `sentinel auth-pass ${name} ${words.REDISCLI_AUTH}`,
      `sentinel down-after-milliseconds ${name} 1000`,
      `sentinel failover-timeout ${name} 5000`,
      ...replicas,
    ];
  }

  return {
    url: `redis+sentinel://satang:${words.REDIS_PASSWORD}@${sentinels.map((port) => `127.0.0.1:${port}`).join(",")}/${name}`,
    master: masterNow,
    async kill(member) {
      const server = fleet.get(`redis-${member}`);
      const ended = server.stop(0);
      server.kill("SIGKILL");
      await ended;
    },
    async crash(member) {
      fleet.get(`redis-${member}`).kill("SIGKILL");
      await expect.poll(() => fleet.get(`redis-${member}`).restarts, { timeout: 5_000, interval: 20 }).toBeGreaterThan(0);
      await fleet.ready(`redis-${member}`, 20_000);
    },
    freeze: (member) => fleet.get(`redis-${member}`).kill("SIGSTOP"),
    wake: (member) => fleet.get(`redis-${member}`).kill("SIGCONT"),
    freezeSentinel: (sentinel) => fleet.get(`sentinel-${sentinel}`).kill("SIGSTOP"),
    async boundMemory(bytes) {
      const master = await masterNow();
      await ask(servers[master]!, "config", "set", "maxmemory", String(bytes));
      return master;
    },
    async handOver() {
      await ask(sentinels[1]!, "sentinel", "failover", name);
    },
    async [Symbol.asyncDispose]() {
      const stopping = fleet.stop();
      fleet.hurry();
      await stopping;
      folder[Symbol.dispose]();
    },
  };
}

async function ask(port: number, ...command: [string, ...string[]]): Promise<unknown> {
  const redis = new Redis({
    port,
    username: "member",
    password: words.REDISCLI_AUTH,
    enableReadyCheck: false,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  redis.on("error", () => {}); // the command tells
  try {
    return await redis.call(...command);
  } finally {
    redis.disconnect();
  }
}

/** Who may do what, as a script of the image has it. */
function usersIn(script: string): string[] {
  const text = readFileSync(new URL(`../../../workloads/redis/${script}`, import.meta.url), "utf8");
  return text
    .split("\n")
    .filter((line) => line.startsWith("user "))
    .map((line) => line.replace(/\$(\w+)/, (_, word: keyof typeof words) => words[word]));
}
