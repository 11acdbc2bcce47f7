import type { Books } from "./books.ts";
import type { Caches } from "./caches.ts";
import { type Credentials, credentialsIn } from "./credentials.ts";
import { certificatesPart } from "./desired/encryption.ts";
import type { Externals } from "./desired/given.ts";
import { nameOf } from "./desired/names.ts";
import { secretParts } from "./desired/secrets.ts";
import { externalsOf } from "./externals.ts";
import type { Kube } from "./kube/kube.ts";
import type { QueueDepth, QueueDepths } from "./metrics-api/queue-depths.ts";
import type { Objects } from "./objects.ts";
import { type DatabaseCertificates, databaseCertificates } from "./postgres/database-certificates.ts";
import type { Following } from "./postgres/lag.ts";
import type { Lag } from "./postgres/watch-lag.ts";
import type { Masters } from "./redis/watch-masters.ts";
import { observeScaling, type Scalers } from "./scaling/observe-scaling.ts";
import type { Scaling } from "./scaling/scaling.ts";
import type { Finding } from "./status/finding.ts";
import { hasEnded } from "./status/has-ended.ts";
import type { System } from "./system.ts";

/** What a pass knows of the world. */
export interface Observed {
  /** When this was so. */
  readonly at: Date;
  readonly objects: Objects;
  readonly credentials: Credentials;
  readonly certificates: DatabaseCertificates;
  /** A finding, where a Secret that the system names is not fit to use. */
  readonly externals: Externals | Finding;
  readonly scaling: Scaling;
  /** What was last counted of its queues; none: nothing yet. */
  readonly depths: readonly QueueDepth[];
  /** By how much the books are off, in minor units; undefined: not known. */
  readonly imbalance: number | undefined;
  /** Why a StatefulSet or a Job cannot make its pods, by `Kind/name`. Neither says so itself, only events do. */
  readonly refusals: ReadonlyMap<string, string>;
  /** Pod of Redis that its Sentinels call master; undefined: not known. */
  readonly redisMaster: string | undefined;
  /** How closely standbys of Postgres follow, by pod, as far as it is known. */
  readonly lag: ReadonlyMap<string, Following>;
}

interface ObserveDeps {
  readonly kube: Kube;
  readonly caches: Caches;
  readonly books: Books;
  readonly masters: Pick<Masters, "of">;
  readonly lag: Lag;
  readonly scalers: Scalers;
  readonly depths: Pick<QueueDepths, "ofSystem">;
  readonly now: () => Date;
}

export async function observe(system: System, { kube, caches, books, masters, lag, scalers, depths, now }: ObserveDeps): Promise<Observed> {
  const { namespace, name } = system.metadata;
  const objects = caches.objectsOf(namespace, name);
  const at = now();
  const secret = secretsOf(system, kube, objects);
  return {
    at,
    objects,
    credentials: await credentialsOf(system, secret),
    certificates: await databaseCertificates(system, () => secret(certificatesPart), at),
    externals: await externalsOf(kube, system),
    scaling: observeScaling(system, { caches, scalers, objects }),
    depths: depths.ofSystem(namespace, name),
    imbalance: books.imbalance(namespace, name),
    refusals: await refusalsOf(kube, namespace, objects),
    redisMaster: masters.of(namespace, name),
    lag: lag.of(namespace, name),
  };
}

/** What our caches do not have is asked of the API server: new passwords in place of old ones would lock everybody out. */
const secretsOf = (system: System, kube: Kube, objects: Objects) => async (part: string) => {
  const name = { namespace: system.metadata.namespace, name: nameOf(system, part) };
  return (objects.get("Secret", name.name) ?? (await kube.get("Secret", name)))?.data;
};

async function credentialsOf(system: System, secret: ReturnType<typeof secretsOf>): Promise<Credentials> {
  return credentialsIn(system, {
    keys: await secret(secretParts.keys),
    postgres: await secret(secretParts.postgres),
    redis: await secret(secretParts.redis),
    events: await secret(secretParts.events),
  });
}

async function refusalsOf(kube: Kube, namespace: string, objects: Objects): Promise<Map<string, string>> {
  const without = [
    ...objects.list("StatefulSet").filter(({ spec, status }) => (status?.replicas ?? 0) < (spec?.replicas ?? 1)),
    ...objects.list("Job").filter((job) => !hasEnded(job, "Complete") && !hasEnded(job, "Failed") && !job.status?.active),
  ];
  const refusals = new Map<string, string>();
  for (const { kind, metadata } of without) {
    const fieldSelector = `regarding.kind=${kind},regarding.name=${metadata.name},reason=FailedCreate`;
    const events = await kube.list("Event", { namespace, fieldSelector });
    const newest = events.toSorted((one, other) => (lastSeen(one) < lastSeen(other) ? 1 : -1))[0];
    if (newest?.note && newest.regarding?.uid === metadata.uid) refusals.set(`${kind}/${metadata.name}`, newest.note);
  }
  return refusals;
}

const lastSeen = (event: { eventTime?: string; deprecatedLastTimestamp?: string }): string =>
  event.deprecatedLastTimestamp ?? event.eventTime ?? "";
