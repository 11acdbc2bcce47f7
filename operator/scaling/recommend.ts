import type { Bounds } from "./scaling.ts";

/** What of the past counts for the next recommendation. Bound: what is older than the longest window is dropped, an entry a look. */
export interface History {
  readonly recommendations: readonly { readonly at: number; readonly pods: number }[];
  readonly removals: readonly { readonly at: number; readonly pods: number }[];
}
export const noHistory: History = { recommendations: [], removals: [] };

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
const removalSeconds = 60;

/**
 * How many pods a HorizontalPodAutoscaler with `behavior` of desired/autoscaler.ts would set (Kubernetes 1.37, pkg/controller/podautoscaler): up at
 * once, down to the highest recommendation of the window, and in a minute by half or by one.
 */
export function recommend({ current, depth, depthPerPod, bounds, scaleDownSeconds, history, now }: Measured): {
  pods: number;
  history: History;
} {
  const removals = history.removals.filter(({ at }) => now - at < removalSeconds);
  const recent = history.recommendations.filter(({ at }) => now - at < scaleDownSeconds);
  const bounded = withinBounds(current, bounds);
  if (bounded !== current) return { pods: bounded, history: { recommendations: recent, removals } }; // at once, whatever is queued
  if (depth === undefined) return { pods: current, history: { recommendations: recent, removals } };

  const wanted = withinBounds(asManyAsFit(depth, depthPerPod, current), bounds);
  const recommendations = [...recent, { at: now, pods: wanted }];
  if (wanted >= current) return { pods: wanted, history: { recommendations, removals } };

  const highest = Math.max(...recommendations.map(({ pods }) => pods));
  const before = current + removals.reduce((sum, { pods }) => sum + pods, 0); // a minute ago
  const fewestNow = Math.min(Math.floor(before / 2), before - 1);
  const pods = Math.max(Math.min(current, highest), Math.min(current, fewestNow));
  return { pods, history: { recommendations, removals: pods < current ? [...removals, { at: now, pods: current - pods }] : removals } };
}

function asManyAsFit(depth: number, depthPerPod: number, current: number): number {
  const isCloseEnough = current > 0 && Math.abs(1 - depth / (depthPerPod * current)) <= tolerance;
  return isCloseEnough ? current : Math.ceil(depth / depthPerPod);
}

const withinBounds = (pods: number, { min, max }: Bounds): number => Math.min(max, Math.max(min, pods));
