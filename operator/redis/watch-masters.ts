import { askSentinel } from "./ask-sentinel.ts";

/** A Redis replica set whose Sentinels can be asked. */
export interface RedisSet {
  readonly namespace: string;
  readonly name: string;
  /** Of the pods that run. */
  readonly addresses: readonly string[];
  readonly password: string;
}

/** Who is master of which system's Redis, as its Sentinels told a moment ago. */
export interface Masters {
  /** A pod; undefined: they have not told, or not for some time. */
  of(namespace: string, name: string): string | undefined;
  stop(): void;
}

export interface WatchOptions {
  /** As they are at the moment. */
  readonly sets: () => readonly RedisSet[];
  /** Another is master than was before, or the first is known. */
  readonly onChange: (namespace: string, name: string) => void;
}

const pollMs = 5_000;
const goodForMs = 30_000;

/** No object of the cluster says who is master, so Sentinels are asked again and again, all at once: one that hangs delays no other. */
export function watchMasters({ sets, onChange }: WatchOptions): Masters {
  const known = new Map<string, { readonly pod: string; readonly at: number }>(); // as many as there are sets
  const asking = new Set<string>();

  async function look({ namespace, name, addresses, password }: RedisSet): Promise<void> {
    const key = `${namespace}/${name}`;
    if (asking.has(key)) return;
    asking.add(key);
    const answers = await Promise.allSettled(addresses.map((address) => askSentinel({ address, password })));
    asking.delete(key);
    const [pod] = mostNamed(answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []))).split(".");
    if (!pod) return; // they are on their way up or down, or cannot be reached from here: what was known goes stale
    const before = known.get(key)?.pod;
    known.set(key, { pod, at: performance.now() });
    if (pod !== before) onChange(namespace, name);
  }

  function lookAtAll(): void {
    const all = sets();
    const keys = new Set(all.map(({ namespace, name }) => `${namespace}/${name}`));
    for (const key of known.keys()) if (!keys.has(key)) known.delete(key);
    for (const set of all) void look(set);
  }

  const timer = setInterval(lookAtAll, pollMs);
  lookAtAll();
  return {
    of(namespace, name) {
      const found = known.get(`${namespace}/${name}`);
      return found && performance.now() - found.at < goodForMs ? found.pod : undefined;
    },
    stop: () => clearInterval(timer),
  };
}

/** One that is cut off from the others may still name who was master before. */
function mostNamed(hosts: readonly string[]): string {
  const count = (host: string) => hosts.filter((other) => other === host).length;
  return hosts.toSorted((one, other) => count(other) - count(one))[0] ?? "";
}
