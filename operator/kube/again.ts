import { setTimeout as sleep } from "node:timers/promises";
import type { Ask } from "./ask.ts";
import { KubeError } from "./kube-error.ts";
import type { Lifetime } from "./lifetime.ts";

const mostTries = 10;
const longestWaitSeconds = 10; // who is told to wait longer than this had better do something else meanwhile

/** Asks, and asks again where the server says when, or where a connection broke under a read; at most until the lifetime ends. */
export async function again<T>({ method }: Pick<Ask, "method">, life: Lifetime, act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act();
    } catch (error) {
      const waitMs = error instanceof KubeError && !life.signal.aborted ? waitOf(error, method, tries) : undefined;
      if (waitMs === undefined) throw error;
      await sleep(waitMs, undefined, { signal: life.signal }).catch(() => {
        throw error; // what the server last said is worth more than that the time ran out
      });
    }
  }
}

function waitOf({ code, reason, retryAfterSeconds }: KubeError, method: string, tries: number): number | undefined {
  if (tries >= mostTries) return undefined;
  if (reason === "Unreachable") return method === "GET" && tries === 1 ? 0 : undefined;
  const seconds = retryAfterSeconds ?? (code === 429 ? 1 : undefined);
  if (seconds === undefined || seconds > longestWaitSeconds || (code !== 429 && code < 500)) return undefined;
  return seconds * 1000 * (1 + Math.random() / 4); // not all of those who were turned away at once come back at once
}
