import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { httpLine } from "../../../workloads/provider/http-line.ts";

const within = (ms: number) => ({ method: "GET", path: "/", signal: AbortSignal.timeout(ms) }) as const;

test("a host that takes no connection was not sent anything, and says so before a call's time is over", async () => {
  await using host = await deafHost();
  const line = httpLine({ url: host.url, connections: 10 });
  await Promise.all(Array.from({ length: 4 }, () => line.ask(within(1_000)))); // what its kernel takes by itself

  expect(await line.ask(within(8_000))).toMatchObject({ kind: "not_sent", reason: expect.stringContaining("3000ms") });
  await line.close();
});

test("a call that waits for a line until its time is over was not sent; the one on the line may have been", async () => {
  await using silent = await server(() => {});
  const line = httpLine({ url: silent.url, connections: 1 });

  const [first, second] = await Promise.all([line.ask(within(1_000)), line.ask(within(500))]);

  expect(first).toMatchObject({ kind: "unknown" });
  expect(second).toMatchObject({ kind: "not_sent" });
  expect(silent.requests()).toBe(1);
  await line.close();
});

test("a call that a kept line breaks under may have been sent, and is not sent again", async () => {
  await using breaking = await server((count, answer) => (count === 1 ? answer.end("{}") : answer.destroy()));
  const line = httpLine({ url: breaking.url, connections: 1 });
  expect(await line.ask(within(2_000))).toMatchObject({ kind: "answer", status: 200, text: "{}" });

  expect(await line.ask(within(2_000))).toMatchObject({ kind: "unknown" });
  expect(breaking.requests()).toBe(2);
  await line.close();
});

test("an answer that breaks off, or has more than a mebibyte, leaves the outcome unknown", async () => {
  const bodies = [100, 2 * 1024 * 1024];
  await using odd = await server((count, answer) => {
    answer.writeHead(200, { "content-length": 2 * 1024 * 1024 }).write("x".repeat(bodies[count - 1]!));
    if (count === 1) setTimeout(() => answer.destroy(), 50);
  });
  const line = httpLine({ url: odd.url, connections: 1 });

  expect(await line.ask(within(2_000))).toMatchObject({ kind: "unknown" });
  expect(await line.ask(within(2_000))).toMatchObject({ kind: "unknown", reason: expect.stringContaining("1048576") });
  await line.close();
});

type Answering = (count: number, answer: import("node:http").ServerResponse) => void;

async function server(answer: Answering): Promise<AsyncDisposable & { url: string; requests: () => number }> {
  let requests = 0;
  const listening = createServer((_, response) => {
    requests += 1;
    answer(requests, response);
  });
  await once(listening.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      listening.closeAllConnections();
      await new Promise((resolve) => listening.close(resolve));
    },
  };
}

/** A process that listened, and stands still: its kernel takes two connections, and answers no more. */
async function deafHost(): Promise<AsyncDisposable & { url: string }> {
  const script = `const s = require("net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(s.address().port))`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(child.stdout, "data");
  child.kill("SIGSTOP");
  return {
    url: `http://127.0.0.1:${String(port).trim()}`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
