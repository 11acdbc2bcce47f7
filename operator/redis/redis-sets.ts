import type { Caches } from "../caches.ts";
import { nameOf } from "../desired/names.ts";
import { redisPart } from "../desired/redis.ts";
import { secretParts } from "../desired/secrets.ts";
import { podsOf } from "../status/pods-ready.ts";
import type { RedisSet } from "./watch-masters.ts";

/** Every replica set of Redis that we run and that has pods. A single server has no Sentinel, and is its own master. */
export function redisSets({ systems, objectsOf }: Pick<Caches, "systems" | "objectsOf">): RedisSet[] {
  return systems.list().flatMap(({ metadata: { namespace = "", name, uid, generation = 0 } }) => {
    const objects = objectsOf(namespace, name);
    const system = { metadata: { namespace, name, uid, generation } };
    const members = objects.get("StatefulSet", nameOf(system, redisPart))?.spec?.replicas ?? 0;
    const password = objects.get("Secret", nameOf(system, secretParts.redis))?.data?.members;
    const addresses = podsOf(redisPart, system, objects).flatMap(({ status }) => status?.podIP ?? []);
    if (members < 2 || password === undefined || addresses.length === 0) return [];
    return [{ namespace, name, addresses, password: Buffer.from(password, "base64").toString() }];
  });
}
