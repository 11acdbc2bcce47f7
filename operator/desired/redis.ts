import type { V1PodDisruptionBudget, V1Service, V1ServiceAccount, V1StatefulSet } from "@kubernetes/client-node";
import type { System } from "../system.ts";
import type { Given } from "./given.ts";
import { redisMember } from "./redis-member.ts";
import { statefulSet } from "./stateful-set.ts";
import { redisPort, sentinelPort } from "./stores.ts";
import { disruptionBudget, service, serviceAccount } from "./surroundings.ts";

export const redisPart = "redis";
const part = redisPart;

/** A replica set: a master and its replicas, a Sentinel beside each, which elect; or a single server; unless somebody else runs Redis. */
export function redis(given: Given): (V1ServiceAccount | V1Service | V1StatefulSet | V1PodDisruptionBudget)[] {
  const { system } = given;
  if (system.spec.redis.backend === "external") return [];
  return [serviceAccount(system, part), headless(system), members(given), disruptionBudget(system, part)];
}

/** Names of single members, also before they are ready: they must find each other to become so. */
function headless(system: System): V1Service {
  const ports = [
    { name: "redis", port: redisPort, targetPort: "redis" },
    { name: "sentinel", port: sentinelPort, targetPort: "sentinel" },
  ];
  const { spec, ...rest } = service(system, part, ...ports);
  return { ...rest, spec: { ...spec, clusterIP: "None", publishNotReadyAddresses: true } };
}

/** Renewed one after the other in whatever order: a master hands over before it ends. */
function members(given: Given): V1StatefulSet {
  const { replicas, storage } = given.system.spec.redis;
  const { spec, ...rest } = statefulSet(given.system, { part, template: redisMember(given, part), members: replicas, storage });
  return { ...rest, spec: { ...spec!, updateStrategy: { type: "RollingUpdate" } } };
}
