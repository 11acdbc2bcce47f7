import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

const script = join(import.meta.dirname, "./patient-process.ts");
const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

/** A process that has started; `said` is its log, a line an entry. */
async function start(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [script], { env: { HOST: "127.0.0.1", MANAGEMENT_PORT: "0", ...env }, stdio: "pipe" });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const ended = once(child, "close").then(([code]) => code as number);
  const started = (async () => {
    while (!output.includes('"started"')) await new Promise((resolve) => setTimeout(resolve, 10));
  })();
  await Promise.race([started, ended]);
  const said = () => output.trim().split("\n");
  const messages = () => said().map((line) => JSON.parse(line).msg as string);
  const url = () => JSON.parse(said().find((line) => line.includes('"started"'))!).management as string;
  return { child, ended, messages, url, output: () => output };
}

describe("a process", () => {
  test.for(["SIGTERM", "SIGINT"] as const)(
    "that hears %s is ready no more, closes what it opened last first, and ends well",
    async (signal) => {
      const { child, ended, messages, url } = await start();
      expect((await fetch(`${url()}/readyz`)).status).toBe(200);

      child.kill(signal);
      await expect.poll(async () => (await fetch(`${url()}/readyz`)).status).toBe(503);

      expect((await fetch(`${url()}/livez`)).status).toBe(200);
      expect(await ended).toBe(0);
      expect(messages()).toEqual(["started", `${signal}: stopping`, "closed second", "closed first", "stopped"]);
    },
  );

  test("that hears it twice leaves at once", async () => {
    const { child, ended, messages } = await start();

    child.kill("SIGTERM");
    await expect.poll(() => messages()).toContain("SIGTERM: stopping");
    child.kill("SIGTERM");

    expect(await ended).toBe(1);
    expect(messages()).not.toContain("closed second");
  });

  test.for(["reject", "throw"])(
    "in which something goes wrong that nobody handles (%s) says so and ends, to be started again",
    async (told) => {
      const { child, ended, output } = await start();

      child.stdin.write(told);

      expect(await ended).toBe(1);
      expect(output()).toMatch(/"level":"fatal".*nobody (waits for|catches) me/);
    },
  );

  test("that cannot have its port says what to do, and ends", async () => {
    const first = await start();
    const port = new URL(first.url()).port;

    const second = await start({ MANAGEMENT_PORT: port });

    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`port ${port} on 127.0.0.1 is taken by another process: set MANAGEMENT_PORT`);
  });

  test("with a wrong environment says so in plain lines, and ends", async () => {
    const { ended, output } = await start({ MANAGEMENT_PORT: "http", LOG_LEVEL: "loud" });

    expect(await ended).toBe(1);
    expect(output().trim().split("\n")).toEqual([
      "worker cannot start:",
      'LOG_LEVEL is "loud": set it to one of trace, debug, info, warn, error, fatal, silent',
      'MANAGEMENT_PORT is "http": set it to a port from 0 to 65535, for instance 9090',
    ]);
  });
});
