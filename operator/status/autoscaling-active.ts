import { nameOf } from "../desired/names.ts";
import { poolPart } from "../desired/worker-pool.ts";
import { mostPods, poolBounds } from "../scaling/pool-bounds.ts";
import { isScaled } from "../scaling/scaling.ts";
import { type Finding, failing, well } from "./finding.ts";
import type { Known } from "./known.ts";

/** Whether pools and API are scaled, by what and why by that; if not, what stands in the way. Meanwhile every part stays as it is. */
export function autoscalingActive(known: Known): Finding {
  const { scaling } = known.observed;
  const parts = scaledParts(known);
  if (parts.length === 0)
    return failing("Fixed", "nothing is scaled: every part has as many pods at least as at most, or is scaled by somebody else");
  if (scaling.problem) return failing("BackendUnavailable", `pools stay as they are: ${scaling.problem}`);
  const unknown = known.observed.depths.find((one) => one.unknown !== undefined)?.unknown;
  if (unknown) return failing("QueueDepthUnknown", `pools stay as they are: ${unknown}`);
  return firstOf(parts.map((part) => inactive(part, known))) ?? (capped(known) || well(reasons[scaling.backend], said(known)));
}

const reasons = { "external-metrics": "ExternalMetrics", keda: "KEDA", direct: "Direct" } as const;
const ways = {
  "external-metrics": "pools are scaled by HorizontalPodAutoscalers on what the operator tells of their queues",
  keda: "pools are scaled by KEDA on what their dispatcher tells of their queues",
  direct: "pools are scaled by the operator itself, as a HorizontalPodAutoscaler would",
} as const;

function said(known: Known): string {
  const { scaling } = known.observed;
  return [`${ways[scaling.backend]}: ${scaling.why}`, ...zeroRefused(known)].join("; ");
}

function zeroRefused({ system, observed: { scaling } }: Known): string[] {
  const isRefused = scaling.backend === "external-metrics" && !scaling.allowsZero;
  const asking = system.spec.workers.filter(({ replicas }) => isRefused && replicas.min === 0).map(({ name }) => name);
  return asking.length > 0 ? [`this cluster's autoscalers do not go down to 0, so one pod of ${asking.join(", ")} stays`] : [];
}

/** A pool that would have more pods, if they were of any use. */
function capped({ system, observed: { scaling } }: Known): Finding | undefined {
  const pool = system.spec.workers.find((one) => {
    const { max } = poolBounds(system, one, scaling);
    return max < one.replicas.max && scaling.replicas(nameOf(system, poolPart(one))) === max;
  });
  if (!pool) return undefined;
  const { max } = poolBounds(system, pool, scaling);
  return well(cappedReason, `pool ${pool.name} is kept at ${max} of ${pool.replicas.max} pods: ${mostPods(system, pool).because}`);
}

export const cappedReason = "ScaleCapped";

/** Parts that an autoscaler of ours sets, by name. */
function scaledParts({ system, observed: { scaling } }: Pick<Known, "system" | "observed">): string[] {
  const { api, workers } = system.spec;
  const all = [["api", api.replicas] as const, ...workers.map((pool) => [poolPart(pool), poolBounds(system, pool, scaling)] as const)];
  return all
    .map(([part, bounds]) => [nameOf(system, part), bounds] as const)
    .flatMap(([name, bounds]) => (isScaled(scaling, name, bounds) ? [name] : []));
}

/** What an autoscaler says itself, of our own making. */
function inactive(name: string, { observed: { objects } }: Known): Finding | undefined {
  const kedas = conditionOf(objects.get("ScaledObject", name), "Ready");
  if (kedas?.status === "False") return failing(kedas.reason ?? "KEDANotReady", `${name} stays as it is, says KEDA: ${kedas.message}`);
  const condition = (type: string) => conditionOf(objects.get("HorizontalPodAutoscaler", name), type);
  const able = condition("AbleToScale");
  const active = condition("ScalingActive");
  if (able?.status === "False") return failing(able.reason ?? "NotAbleToScale", `${name} stays as it is: ${able.message}`);
  if (active?.status !== "False" || active.reason === "ScalingDisabled") return undefined;
  return failing(active.reason ?? "NotActive", `${name} stays as it is: ${active.message}`);
}

type Told = { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string };

const conditionOf = (object: { status?: unknown } | undefined, type: string): Told | undefined =>
  (object?.status as { conditions?: Told[] } | undefined)?.conditions?.find((one) => one.type === type);

const firstOf = (findings: readonly (Finding | undefined)[]): Finding | undefined => findings.find((one) => one !== undefined);
