import type { DispatcherEnv } from "../../workloads/contract.ts";
import type { Intent } from "../kube/kube.ts";
import { databasePool } from "../scaling/pool-bounds.ts";
import { deployment } from "./deployment.ts";
import { envOf } from "./env.ts";
import type { Given } from "./given.ts";
import { resourcesOf } from "./pod.ts";
import { dispatcherService } from "./scaled-object.ts";
import { storesFor } from "./stores.ts";
import { serviceAccount } from "./surroundings.ts";

const part = "dispatcher";

/** Offers what is due again and counts the queues. One is enough: while it is away the API hands on what is new by itself. */
export function dispatcher(given: Given): Intent[] {
  const { system } = given;
  const queues = [...new Set(system.spec.workers.flatMap((pool) => pool.queues))];
  const stores = storesFor("dispatcher", given);
  return [
    serviceAccount(system, part),
    ...dispatcherService(given),
    deployment(
      given,
      { min: 1, max: 1 },
      {
        part,
        role: "dispatcher",
        env: envOf<DispatcherEnv>(
          { ...stores.env, DATABASE_POOL: String(databasePool.dispatcher), QUEUES: queues.join(",") },
          stores.before,
        ),
        resources: resourcesOf({ cpu: "100m", memory: "256Mi" }),
        fingerprint: stores.fingerprint,
      },
    ),
  ];
}
