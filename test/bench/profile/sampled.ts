import { setTimeout as sleep } from "node:timers/promises";

/** What V8's profiler saw: a tree of calls, and which of them ran at each look. */
export type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
};

const inspector = "http://127.0.0.1:9229/json/list"; // where Node opens one at SIGUSR1
const everyMicroseconds = 500;

/** Looks at a Node process, which was not started for this, again and again while something goes on. Throws when its inspector does not open. */
export async function sampled(pid: number, during: () => Promise<unknown>): Promise<CpuProfile> {
  process.kill(pid, "SIGUSR1");
  const line = await lineTo(await inspectorUrl());
  try {
    const { result } = await line.ask<{ result: { value: number } }>("Runtime.evaluate", { expression: "process.pid" });
    if (result.value !== pid) throw new Error(`another process, ${result.value}, has the inspector's port`);
    await line.ask("Profiler.enable");
    await line.ask("Profiler.setSamplingInterval", { interval: everyMicroseconds });
    await line.ask("Profiler.start");
    await during();
    return (await line.ask<{ profile: CpuProfile }>("Profiler.stop")).profile;
  } finally {
    line.send("Runtime.evaluate", { expression: 'setTimeout(() => process.getBuiltinModule("node:inspector").close(), 10)' });
    await sleep(200); // the next process that is asked opens its own there
    line.close();
  }
}

async function inspectorUrl(): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const targets = await fetch(inspector)
      .then((answer) => answer.json() as Promise<{ webSocketDebuggerUrl: string }[]>)
      .catch(() => []);
    if (targets[0]) return targets[0].webSocketDebuggerUrl;
    await sleep(50);
  }
  throw new Error("the process has opened no inspector");
}

async function lineTo(url: string) {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (answer: { result?: unknown; error?: { message: string } }) => void>();
  let last = 0;
  socket.addEventListener("message", ({ data }) => {
    const answer = JSON.parse(String(data));
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("the inspector does not answer")));
  });
  const send = (method: string, params: object = {}): number => {
    socket.send(JSON.stringify({ id: ++last, method, params }));
    return last;
  };
  return {
    send,
    ask: <T>(method: string, params?: object) =>
      new Promise<T>((resolve, reject) => {
        waiting.set(send(method, params), ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result as T)));
      }),
    close: () => socket.close(),
  };
}
