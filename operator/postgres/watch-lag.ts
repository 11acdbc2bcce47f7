import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Caches } from "../caches.ts";
import { setLabel } from "../desired/patroni.ts";
import { askPatroni, type Position } from "./ask-patroni.ts";
import { type Following, type Seen, seenAt } from "./lag.ts";

/** How closely the standbys of each system follow, as they said a moment ago. */
export interface Lag {
  /** By pod; one that is not there has not said, or not for long enough. */
  of(namespace: string, system: string): ReadonlyMap<string, Following>;
}

interface Watch {
  readonly caches: Pick<Caches, "systems" | "objectsOf">;
  readonly onChange: (namespace: string, system: string) => void;
  readonly stop: AbortSignal;
}

const pauseMs = 5_000;
/** So many systems are asked at once: a hundred then take a second, and one that hangs delays few. */
const together = 20;

/** Asks the members of every replica set, again and again until `stop`: what is written on their pods does not tell. `onChange` hears when one follows otherwise. */
export function watchLag({ caches, onChange, stop }: Watch): Lag {
  const known = new Map<string, ReadonlyMap<string, Seen>>(); // of each system its replica sets

  async function look(namespace: string, system: string): Promise<void> {
    const key = `${namespace}/${system}`;
    const before = known.get(key);
    const now = new Map<string, Seen>();
    for (const [set, members] of setsOf(caches, namespace, system)) {
      const at = performance.now(); // before they are asked: what is found then was so at the least
      const seen = seenAt(at, await positionsOf(members, stop), before?.get(set));
      if (seen) now.set(set, seen);
    }
    if (stop.aborted) return;
    known.set(key, now);
    if (!isDeepStrictEqual(followingIn(before), followingIn(now))) onChange(namespace, system);
  }

  async function rounds(): Promise<void> {
    while (!stop.aborted) {
      const systems = caches.systems.list().map(({ metadata: { namespace = "", name } }) => ({ namespace, name }));
      const keys = new Set(systems.map(({ namespace, name }) => `${namespace}/${name}`));
      for (const key of known.keys()) if (!keys.has(key)) known.delete(key);
      for (let from = 0; from < systems.length; from += together)
        await Promise.all(systems.slice(from, from + together).map(({ namespace, name }) => look(namespace, name)));
      await sleep(pauseMs, undefined, { signal: stop }).catch(() => {});
    }
  }

  void rounds();
  return { of: (namespace, system) => followingIn(known.get(`${namespace}/${system}`)) };
}

/** Addresses of members that run, by pod, by replica set. */
function setsOf({ objectsOf }: Pick<Caches, "objectsOf">, namespace: string, system: string): Map<string, Map<string, string>> {
  const sets = new Map<string, Map<string, string>>();
  for (const { metadata, status } of objectsOf(namespace, system).list("Pod")) {
    const set = metadata.labels?.[setLabel];
    if (set === undefined || !status?.podIP || metadata.deletionTimestamp) continue;
    sets.set(set, (sets.get(set) ?? new Map()).set(metadata.name, status.podIP));
  }
  return sets;
}

async function positionsOf(members: ReadonlyMap<string, string>, stop: AbortSignal): Promise<Map<string, Position>> {
  const said = await Promise.all([...members].map(async ([pod, podIP]) => ({ pod, position: await askPatroni(podIP, stop) })));
  return new Map(said.flatMap(({ pod, position }) => (position ? [[pod, position] as const] : [])));
}

const followingIn = (sets: ReadonlyMap<string, Seen> | undefined): Map<string, Following> =>
  new Map([...(sets?.values() ?? [])].flatMap(({ following }) => [...following]));
