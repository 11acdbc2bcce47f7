import { setTimeout as sleep } from "node:timers/promises";

const targets = "http://127.0.0.1:9229/json/list"; // where Node opens one at SIGUSR1

/** A line to the inspector of a Node process, which was not started for this. Closes both when disposed. */
export interface Inspector extends AsyncDisposable {
  ask<T>(method: string, params?: object): Promise<T>;
}

/** Throws when the process does not open one. One process of a machine can be inspected at a time. */
export async function inspect(pid: number): Promise<Inspector> {
  process.kill(pid, "SIGUSR1");
  const line = await lineTo(await inspectorUrl());
  const { result } = await line.ask<{ result: { value: number } }>("Runtime.evaluate", { expression: "process.pid" });
  if (result.value !== pid) {
    line.close();
    throw new Error(`another process, ${result.value}, has the inspector's port`);
  }
  return {
    ask: line.ask,
    async [Symbol.asyncDispose]() {
      line.send("Runtime.evaluate", { expression: 'setTimeout(() => process.getBuiltinModule("node:inspector").close(), 10)' });
      await sleep(200); // the next process that is asked opens its own there
      line.close();
    },
  };
}

async function inspectorUrl(): Promise<string> {
  for (let tries = 0; tries < 100; tries++) {
    const found = await fetch(targets)
      .then((answer) => answer.json() as Promise<{ webSocketDebuggerUrl: string }[]>)
      .catch(() => []);
    if (found[0]) return found[0].webSocketDebuggerUrl;
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
