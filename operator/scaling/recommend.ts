import type { Bounds } from "./scaling.ts";

/** What of the past counts for the next recommendation. Bound: what is older than the longest window is dropped, an entry a look. */
export interface History {
  readonly recommendations: readonly { readonly at: number; readonly pods: number }[];
  /** By how many pods, up or down. */
  readonly changes: readonly { readonly at: number; readonly by: number }[];
}
export const noHistory: History = { recommendations: [], changes: [] };

interface Measured {
  readonly current: number;
  /** Operations of the pool's queues that are due or in flight; undefined: not known, and then nothing is changed. */
  readonly depth: number | undefined;
  readonly depthPerPod: number;
  readonly bounds: Bounds;
  readonly scaleDownSeconds: number;
  readonly history: History;
  /** In seconds. */
  readonly now: number;
}

const tolerance = 0.1;
const periodSeconds = 60;

/**
 * How many pods a HorizontalPodAutoscaler with `behavior` of desired/autoscaler.ts would set (Kubernetes 1.37, pkg/controller/podautoscaler): up at
 * once, down to the highest recommendation of the window, and in a minute by half or by one.
 */
export function recommend({ current, depth, depthPerPod, bounds, scaleDownSeconds, history, now }: Measured): {
  pods: number;
  history: History;
} {
  const changes = history.changes.filter(({ at }) => now - at < periodSeconds);
  const recent = history.recommendations.filter(({ at }) => now - at < scaleDownSeconds);
  const become = (pods: number, recommendations = recent) => ({
    pods,
    history: { recommendations, changes: pods === current ? changes : [...changes, { at: now, by: pods - current }] },
  });
  const bounded = withinBounds(current, bounds);
  if (bounded !== current) return become(bounded); // at once, whatever is queued
  if (depth === undefined) return become(current);

  const wanted = withinBounds(asManyAsFit(depth, depthPerPod, current), bounds);
  const recommendations = [...recent, { at: now, pods: wanted }];
  if (wanted >= current) return become(wanted, recommendations);

  const highest = Math.max(...recommendations.map(({ pods }) => pods));
  const before = current - changes.reduce((sum, { by }) => sum + by, 0); // a minute ago
  const fewest = Math.min(Math.floor(before / 2), before - 1);
  return become(Math.min(current, Math.max(highest, fewest)), recommendations);
}

function asManyAsFit(depth: number, depthPerPod: number, current: number): number {
  const isCloseEnough = current > 0 && Math.abs(1 - depth / (depthPerPod * current)) <= tolerance;
  return isCloseEnough ? current : Math.ceil(depth / depthPerPod);
}

const withinBounds = (pods: number, { min, max }: Bounds): number => Math.min(max, Math.max(min, pods));
