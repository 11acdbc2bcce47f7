import type { WorkerPool } from "../../crds/payment-system.ts";
import type { WorkerEnv } from "../../workloads/contract.ts";
import type { Intent } from "../kube/kube.ts";
import { databasePool, poolBounds } from "../scaling/pool-bounds.ts";
import { poolAutoscaler } from "./autoscaler.ts";
import { deployment } from "./deployment.ts";
import { envOf } from "./env.ts";
import type { Given } from "./given.ts";
import { resourcesOf } from "./pod.ts";
import { scaledObject } from "./scaled-object.ts";
import { simulatorUrl } from "./simulator.ts";
import { storesFor } from "./stores.ts";
import { disruptionBudget, serviceAccount } from "./surroundings.ts";

/** `worker-payments` */
export const poolPart = ({ name }: Pick<WorkerPool, "name">): string => `worker-${name}`;

/** A pool of workers, which takes its queues. */
export function workerPool(given: Given, pool: WorkerPool): Intent[] {
  const { system } = given;
  const part = poolPart(pool);
  const stores = storesFor("worker", given);
  const providers = system.spec.providers.map(({ name, kind }) => ({ name, kind, url: simulatorUrl(system) }));
  return [
    serviceAccount(system, part),
    deployment(given, poolBounds(system, pool, given.scaling), {
      part,
      role: "worker",
      env: envOf<WorkerEnv>(
        {
          ...stores.env,
          DATABASE_POOL: String(databasePool.worker),
          POOL: pool.name,
          QUEUES: pool.queues.join(","),
          CONCURRENCY: String(pool.concurrency),
          PROVIDERS: JSON.stringify(providers),
          WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: String(system.spec.webhooks.allowPrivateAddresses),
        },
        stores.before,
      ),
      resources: resourcesOf(pool.resources),
      fingerprint: stores.fingerprint,
    }),
    ...poolAutoscaler(given, part, pool),
    ...scaledObject(given, part, pool),
    disruptionBudget(system, part),
  ];
}
