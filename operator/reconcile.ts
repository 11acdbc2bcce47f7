import type { PaymentSystemStatus } from "../crds/status.ts";
import { type Applied, apply } from "./apply.ts";
import type { Books } from "./books.ts";
import type { Caches } from "./caches.ts";
import { credentialsProblem } from "./credentials.ts";
import type { Images } from "./desired/given.ts";
import { desiredState } from "./desired/index.ts";
import { migrationName } from "./desired/migration.ts";
import { nameOf } from "./desired/names.ts";
import { secretParts } from "./desired/secrets.ts";
import type { EventRecorder } from "./kube/event-recorder.ts";
import type { Kube } from "./kube/kube.ts";
import type { Again } from "./kube/workqueue.ts";
import type { QueueDepths } from "./metrics-api/queue-depths.ts";
import { type Observed, observe } from "./observe.ts";
import { plan, type Step } from "./plan.ts";
import { lostShards } from "./postgres/lost-shards.ts";
import { moves } from "./postgres/moves.ts";
import type { Lag } from "./postgres/watch-lag.ts";
import { givenFrom, progressIn } from "./progress.ts";
import type { Masters } from "./redis/watch-masters.ts";
import type { Scalers } from "./scaling/observe-scaling.ts";
import type { Direct } from "./scaling/scale-directly.ts";
import { statusOf, statusOfProblem } from "./status/status-of.ts";
import { type Found, readSystem, type System, statusIn } from "./system.ts";
import { tell } from "./tell.ts";

export interface ReconcileDeps {
  readonly kube: Kube;
  readonly caches: Caches;
  readonly masters: Pick<Masters, "of">;
  readonly lag: Lag;
  readonly books: Books;
  readonly scalers: Scalers;
  readonly depths: Pick<QueueDepths, "ofSystem">;
  readonly direct: Direct;
  readonly events: EventRecorder;
  /** For systems that name none. */
  readonly images: Images;
  readonly version: string;
  readonly now: () => Date;
  readonly onApplied?: ((applied: Applied) => void) | undefined;
}

/** One pass. It may die on any line and start again: each step reads afresh, and writing the same twice changes nothing. */
export async function reconcile(found: Found, deps: ReconcileDeps): Promise<Again> {
  if (found.metadata.deletionTimestamp) return "never"; // what it owns goes with it, by the API server's own garbage collection
  const read = readSystem(found);
  if ("problem" in read) return refuse(found, read.problem, deps);
  const { system } = read;

  const observed = await observe(system, deps);
  deps.direct.follow(system, observed.scaling);
  const problem =
    credentialsProblem(system, observed.credentials, nameOf(system, secretParts.keys)) ?? lostShards(system, observed.objects);
  if (problem) return refuse(found, problem, deps);
  const given = givenFrom(system, observed, deps.images);
  const desired = given && desiredState(given, progressIn(system, observed));
  const steps = desired && !system.spec.paused ? [...steering(system, observed), ...plan(desired, observed.objects)] : [];
  const applied = await apply(deps.kube, steps, observed.at);
  const known = { system, observed, applied, migration: given && migrationName(given) };
  const status = statusOf(known, { before: statusIn(found), now: observed.at, version: deps.version });
  await tell(found, status, deps);

  tellOfFields(found, applied, deps);
  return again(system, status);
}

/** First, for one of these steps keeps clients from a server that does not take writes any more, and one labels pods which a Service is about to ask for. */
const steering = (system: System, observed: Observed): Step[] => moves(system, observed).map((move) => ({ do: "steer", move }));

/** Nothing is done for a resource that cannot be followed, until it is another. */
async function refuse(found: Found, problem: string, deps: ReconcileDeps): Promise<Again> {
  const status = statusOfProblem(found.metadata.generation ?? 0, problem, { before: statusIn(found), now: deps.now() });
  await tell(found, status, deps);
  return "never";
}

function tellOfFields(found: Found, applied: Applied, { events, onApplied }: ReconcileDeps): void {
  onApplied?.(applied);
  for (const { object, fields } of applied.takenBack)
    events.record(found, {
      type: "Warning",
      reason: "FieldTakenBack",
      message: `${object} was changed and is as it should be again: ${fields}`,
    });
}

/** Whatever changes is told by a watch; this is for what is not watched, and should one fail us. */
function again({ spec }: System, { conditions = [] }: PaymentSystemStatus): Again {
  const isReady = conditions.some(({ type, status }) => type === "Ready" && status === "True");
  const hasExternal = spec.postgres.backend === "external" || spec.redis.backend === "external";
  const afterSeconds = isReady ? (hasExternal ? 60 : 600) : 5;
  return { afterSeconds: afterSeconds * (0.9 + Math.random() / 5) };
}
