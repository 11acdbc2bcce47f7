import { setTimeout as sleep } from "node:timers/promises";
import { metrics, ports, probes } from "../workloads/contract.ts";
import type { Caches } from "./caches.ts";
import { label } from "./labels.ts";

/** By how much the books of each system are off, as its dispatcher last said. */
export interface Books {
  /** In minor units, 0 when they balance; undefined: nobody has said so lately. */
  imbalance(namespace: string, system: string): number | undefined;
}

// Not by `fetch`, nor by an import, which would read the client behind it as well: 12 MiB.
const http = process.getBuiltinModule("node:http");

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
    const address = dispatcherOf(caches, namespace, system);
    const imbalance = address ? await imbalanceAt(address, stop) : undefined;
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

function dispatcherOf(caches: Caches, namespace: string, system: string): string | undefined {
  const pods = caches.objectsOf(namespace, system).list("Pod");
  const ready = pods.find(
    ({ metadata, status }) =>
      metadata.labels?.[label.component] === "dispatcher" &&
      metadata.deletionTimestamp === undefined &&
      status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
  );
  return ready?.status?.podIP;
}

/** Undefined if it does not answer, or does not know itself. */
async function imbalanceAt(address: string, stop: AbortSignal): Promise<number | undefined> {
  try {
    const text = await metricsOf(address, AbortSignal.any([stop, AbortSignal.timeout(patienceMs)]));
    const [, value] = new RegExp(`^${metrics.ledgerImbalance} (\\S+)$`, "m").exec(text) ?? [];
    return value === undefined ? undefined : Number(value);
  } catch {
    return undefined;
  }
}

function metricsOf(host: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get({ host, port: ports.management, path: probes.metrics, signal }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("error", reject);
        response.on("data", (piece: string) => {
          text += piece;
          if (text.length > longestText) response.destroy(new Error("more than metrics would be"));
        });
        response.on("end", () => resolve(text));
      })
      .on("error", reject);
  });
}

const longestText = 2 ** 20;
