import type { Caches } from "../caches.ts";
import type { Served } from "../metrics-api/registration.ts";
import type { Objects } from "../objects.ts";
import type { System } from "../system.ts";
import { chooseBackend } from "./choose-backend.ts";
import type { Scaling } from "./scaling.ts";

/** What is known of the cluster's ways to scale. */
export interface Scalers {
  served(): Served;
  allowsZero(): boolean;
  /** What stands in the way of serving them ourselves. */
  trouble(): string | undefined;
}

type Around = { readonly caches: Pick<Caches, "foreignAutoscaler">; readonly scalers: Scalers; readonly objects: Objects };

export function observeScaling({ metadata, spec }: System, { caches, scalers, objects }: Around): Scaling {
  const autoscalerOf = (deployment: string) => objects.get("HorizontalPodAutoscaler", deployment); // of the same name
  const chosen = chooseBackend(spec.autoscaling.backend, scalers.served(), scalers.trouble());
  return {
    ...chosen,
    allowsZero: spec.workers.some(({ replicas }) => replicas.min === 0) && (hasZero(objects) || scalers.allowsZero()),
    foreign: (deployment) => caches.foreignAutoscaler(metadata.namespace, deployment),
    replicas: (deployment) => objects.get("Deployment", deployment)?.spec?.replicas,
    isAsleep: (deployment) => chosen.backend !== "external-metrics" || hasCondition(autoscalerOf(deployment), "ScaledToZero", "True"),
  };
}

/** One that is there tells that the API server has taken it. */
const hasZero = (objects: Objects): boolean => objects.list("HorizontalPodAutoscaler").some(({ spec }) => spec?.minReplicas === 0);

type Conditions = { readonly status?: { readonly conditions?: { type: string; status: string }[] } } | undefined;

const hasCondition = (object: Conditions, type: string, status: string): boolean =>
  object?.status?.conditions?.some((one) => one.type === type && one.status === status) ?? false;
