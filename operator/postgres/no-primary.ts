import type { Caches } from "../caches.ts";
import { nameOf } from "../desired/names.ts";
import { patroniMaps } from "../desired/patroni.ts";
import { shardOf } from "../desired/shards.ts";
import { label } from "../labels.ts";
import { podsOf } from "../status/pods-ready.ts";

/**
 * Says so while no member of a managed Postgres takes writes: whatever waits then waits for an election, and more workers would only wait with it. Where one
 * shard of several does, its queues count.
 */
export function noPrimary(caches: Pick<Caches, "objectsOf">, namespace: string, name: string): string | undefined {
  const system = { metadata: { namespace, name, uid: "", generation: 0 } };
  const objects = caches.objectsOf(namespace, name);
  const components = objects.list("Pod").map(({ metadata }) => metadata.labels?.[label.component]);
  const parts = [...new Set(components)].filter((part) => part !== undefined && shardOf(part) !== undefined) as string[];
  if (parts.length === 0 || parts.some(takesWrites)) return undefined;
  return `no member of ${parts.map((part) => nameOf(system, part)).join(", ")} takes writes just now: how deep the queues are counts again once one does`;

  function takesWrites(part: string): boolean {
    const leader = objects.get("ConfigMap", patroniMaps(system, part).leader)?.metadata.annotations?.leader;
    return podsOf(part, system, objects).some(
      ({ metadata, status }) =>
        metadata.name === leader &&
        metadata.deletionTimestamp === undefined &&
        status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
    );
  }
}
