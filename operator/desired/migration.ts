import { createHash } from "node:crypto";
import type { V1Job, V1JobSpec, V1ServiceAccount } from "@kubernetes/client-node";
import { apiKeyHash } from "../../workloads/api-key.ts";
import type { MigrateEnv, Seed } from "../../workloads/contract.ts";
import { fingerprint } from "../credentials.ts";
import type { FromSecret } from "./env.ts";
import { envOf } from "./env.ts";
import type { Given } from "./given.ts";
import { metadataOf, nameOf } from "./names.ts";
import { processPod, resourcesOf } from "./pod.ts";
import { secretParts } from "./secrets.ts";
import { ownersDatabases } from "./stores.ts";
import { serviceAccount } from "./surroundings.ts";

export const migrationPart = "migrate";
const part = migrationPart;

/**
 * Brings every shard to the version of an image, and hands out logins and the first merchant. Its name is made from what it says, so each content runs
 * once, and what came of it can be read as long as it is there.
 */
export function migration(given: Given): V1Job {
  const spec = jobSpec(given);
  const metadata = { ...metadataOf(given.system, part), name: nameFor(given, spec) };
  return { apiVersion: "batch/v1", kind: "Job", metadata, spec };
}

export const migrationName = (given: Given): string => nameFor(given, jobSpec(given));

function nameFor({ system }: Given, spec: V1JobSpec): string {
  const content = createHash("sha256").update(JSON.stringify(spec)).digest("hex").slice(0, 8);
  return `${nameOf(system, part)}-${content}`;
}

export const migrationAccount = ({ system }: Pick<Given, "system">): V1ServiceAccount => serviceAccount(system, part);

function jobSpec(given: Given): V1JobSpec {
  const { credentials, externals } = given;
  const { api, dispatcher, worker, owner } = credentials.postgres;
  const databases = ownersDatabases(given);
  const { metadata, spec } = processPod(given, {
    part,
    role: "migrate",
    env: envOf<MigrateEnv>({ ...databases.env, SEED: seed(given) }, { ...databases.before, ...logins(given) }),
    resources: resourcesOf({ cpu: "100m", memory: "256Mi" }),
    fingerprint: fingerprint(credentials, api, dispatcher, worker, externals.database?.primary ?? owner),
  });
  const [container] = spec!.containers;
  const { startupProbe: _, readinessProbe: __, livenessProbe: ___, ...withoutProbes } = container!; // however long it takes
  return {
    backoffLimit: 5, // 10, 20, 40, 80 and 160 s apart
    template: { metadata: metadata!, spec: { ...spec!, restartPolicy: "Never", containers: [withoutProbes] } }, // not restarted in place: the pod that failed tells why
  };
}

const logins = ({ system }: Given): Record<string, FromSecret> => {
  const secret = nameOf(system, secretParts.postgres);
  return {
    API_PASSWORD: { secret, key: "api" },
    DISPATCHER_PASSWORD: { secret, key: "dispatcher" },
    WORKER_PASSWORD: { secret, key: "worker" },
  };
};

function seed({ system, credentials: { keys } }: Given): string {
  const seed: Seed = {
    logins: { api: "$(API_PASSWORD)", dispatcher: "$(DISPATCHER_PASSWORD)", worker: "$(WORKER_PASSWORD)" },
    merchants: [{ id: keys.merchantId, name: system.metadata.name, keys: [{ mode: system.spec.mode, hash: apiKeyHash(keys.secretKey) }] }],
  };
  return JSON.stringify(seed);
}
