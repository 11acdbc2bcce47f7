import type { Caches } from "../caches.ts";
import { nameOf } from "../desired/names.ts";
import { patroniMaps, postgresPart } from "../desired/patroni.ts";
import { podsOf } from "../status/pods-ready.ts";

/** Says so while no member of a managed Postgres takes writes: whatever waits then waits for an election, and more workers would only wait with it. */
export function noPrimary(caches: Pick<Caches, "objectsOf">, namespace: string, name: string): string | undefined {
  const system = { metadata: { namespace, name, uid: "", generation: 0 } };
  const objects = caches.objectsOf(namespace, name);
  const members = podsOf(postgresPart, system, objects);
  const leader = objects.get("ConfigMap", patroniMaps(system).leader)?.metadata.annotations?.leader;
  const serves = members.some(
    ({ metadata, status }) =>
      metadata.name === leader &&
      metadata.deletionTimestamp === undefined &&
      status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
  );
  if (members.length === 0 || serves) return undefined;
  return `no member of ${nameOf(system, postgresPart)} takes writes just now: how deep the queues are counts again once one does`;
}
