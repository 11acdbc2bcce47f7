import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const main = new URL("../../../workloads/main.ts", import.meta.url).pathname;

export type Effect = { key: string; operation: string; count: number; amount: number; currency: string; at: string };
export type Told = { status: number; body: Record<string, unknown>; headers: Headers };

/** A real simulator in a process of its own, on a free port, with a folder that goes when it is disposed of. */
export async function startSimulatorProcess(more: Record<string, string> = {}) {
  const data = await mkdtemp(join(tmpdir(), "satang-simulator-"));
  let { child, url } = await start(data, 0, more);
  const port = Number(new URL(url).port);

  return {
    url,
    data,
    /** Dies without a word, as by the kernel's out-of-memory killer. */
    async kill() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
    /** The same port, the same folder. */
    async startAgain() {
      ({ child, url } = await start(data, port, more));
    },
    /** A POST of an operation; what is left out is a charge of 350.00 THB. `undefined`: the connection was cut, or nothing came in time. */
    operate: (operation: object, options: { withinMs?: number; headers?: Record<string, string> } = {}) =>
      ask(`${url}/v1/operations`, {
        method: "POST",
        body: JSON.stringify({ ...aCharge, ...operation }),
        ...(options.headers && { headers: options.headers }),
        ...(options.withinMs && { signal: AbortSignal.timeout(options.withinMs) }),
      }),
    lookUp: (key: string) => ask(`${url}/v1/operations/${encodeURIComponent(key)}`),
    /** What a bank, or a payer, does after a while with what is pending. */
    end: (key: string, how: object) =>
      ask(`${url}/v1/operations/${encodeURIComponent(key)}/end`, { method: "POST", body: JSON.stringify(how) }),
    behave: (behaviour: object) => ask(`${url}/v1/behaviour`, { method: "PUT", body: JSON.stringify(behaviour) }),
    async effects(): Promise<Effect[]> {
      const all: Effect[] = [];
      for (let cursor: number | null = 0; cursor !== null; ) {
        const page = (await (await fetch(`${url}/v1/effects?cursor=${cursor}&limit=100`)).json()) as {
          effects: Effect[];
          next: number | null;
        };
        all.push(...page.effects);
        cursor = page.next;
      }
      return all;
    },
    async countOf(key: string): Promise<number> {
      return ((await (await fetch(`${url}/v1/effects/${encodeURIComponent(key)}`)).json()) as Effect).count;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await this.kill();
      await rm(data, { recursive: true });
    },
  };
}
export type SimulatorProcess = Awaited<ReturnType<typeof startSimulatorProcess>>;

const aCharge = { kind: "charge", amount: 35_000, currency: "THB" };

/** Starts the process and waits until it serves. Throws what it wrote if it ends instead. */
export async function start(data: string, port: number, more: Record<string, string> = {}): Promise<{ child: ChildProcess; url: string }> {
  const env = { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: String(port), MANAGEMENT_PORT: "0", DATA: data, ...more };
  const child = spawn(process.execPath, [main, "simulator"], { env, stdio: ["ignore", "pipe", "pipe"] });
  let written = "";
  child.stderr.on("data", (chunk: Buffer) => (written += chunk.toString()));
  for await (const line of createInterface({ input: child.stdout })) {
    written += `${line}\n`;
    const url = /"url":"([^"]+)"/.exec(line)?.[1];
    if (!url) continue;
    child.stdout.resume();
    return { child, url };
  }
  throw new Error(`the simulator ended: ${written}`);
}

export async function ask(url: string, init: RequestInit = {}): Promise<Told | undefined> {
  try {
    const res = await fetch(url, init);
    return { status: res.status, body: (await res.json()) as Record<string, unknown>, headers: res.headers };
  } catch {
    return undefined;
  }
}
