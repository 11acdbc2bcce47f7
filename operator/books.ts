import { setTimeout as sleep } from "node:timers/promises";
import { metrics, probes } from "../workloads/contract.ts";
import { askProcess } from "./ask-process.ts";
import type { Caches } from "./caches.ts";
import { dispatcherUrl } from "./dispatcher-url.ts";

/** By how much the books of each system are off, as its dispatcher last said. */
export interface Books {
  /** In minor units, 0 when they balance; undefined: nobody has said so lately. */
  imbalance(namespace: string, system: string): number | undefined;
}

interface Watch {
  readonly caches: Caches;
  readonly onChange: (namespace: string, system: string) => void;
  readonly stop: AbortSignal;
}

const pauseMs = 15_000;
const patienceMs = 2_000;
/** So many are asked at once: a hundred systems then take seconds, and one that hangs delays few. */
const together = 10;

/** Asks every dispatcher, again and again until `stop`; `onChange` hears when an answer is another than before. Bound: one number for each system. */
export function watchBooks({ caches, onChange, stop }: Watch): Books {
  const told = new Map<string, number | undefined>();

  async function look(namespace: string, system: string): Promise<void> {
    const key = `${namespace}/${system}`;
    const url = dispatcherUrl(caches, namespace, system, probes.metrics);
    const imbalance = url ? await imbalanceAt(url, stop) : undefined;
    if (told.has(key) ? told.get(key) === imbalance : imbalance === undefined) return;
    told.set(key, imbalance);
    onChange(namespace, system);
  }

  async function round(): Promise<void> {
    const systems = caches.systems.list();
    const keys = new Set(systems.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
    for (const key of told.keys()) if (!keys.has(key)) told.delete(key);
    for (let from = 0; from < systems.length; from += together)
      await Promise.all(systems.slice(from, from + together).map(({ metadata }) => look(metadata.namespace ?? "", metadata.name)));
  }

  async function rounds(): Promise<void> {
    while (!stop.aborted) {
      await round();
      await sleep(pauseMs, undefined, { signal: stop }).catch(() => {});
    }
  }

  void rounds();
  return { imbalance: (namespace, system) => told.get(`${namespace}/${system}`) };
}

/** Undefined if it does not answer, or does not know itself. */
async function imbalanceAt(url: string, stop: AbortSignal): Promise<number | undefined> {
  try {
    const text = await askProcess(url, AbortSignal.any([stop, AbortSignal.timeout(patienceMs)]));
    const [, value] = new RegExp(`^${metrics.ledgerImbalance} (\\S+)$`, "m").exec(text) ?? [];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined;
  }
}
