/** Who sets how many pods a pool has. */
export type Backend = "external-metrics" | "keda" | "direct";

/** How the parts of one system are scaled, and what is there of it. */
export interface Scaling {
  readonly backend: Backend;
  /** Why this one, for people. */
  readonly why: string;
  /** What must be changed before it can work, if so. */
  readonly problem?: string | undefined;
  /** Whether the API server takes an autoscaler that goes down to no pod at all. */
  readonly allowsZero: boolean;
  /** Name of an autoscaler that somebody else has made for a Deployment. */
  readonly foreign: (deployment: string) => string | undefined;
  /** Pods that a Deployment shall have now; undefined: it is not there. */
  readonly replicas: (deployment: string) => number | undefined;
  /** Whether it was the autoscaler that took away the last pod: only then does it wake it again. */
  readonly isAsleep: (deployment: string) => boolean;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Whether we make something that scales a Deployment between these bounds. */
export const isScaled = (scaling: Scaling, deployment: string, { min, max }: Bounds): boolean =>
  min < max && scaling.foreign(deployment) === undefined;

/**
 * How many pods we ask for; undefined: as many as there are, for somebody else sets it. Never named for what is there and scaled, also while its
 * autoscaler is being made, changed or was deleted: between two of them nothing may go.
 */
export function namedReplicas(scaling: Scaling, deployment: string, bounds: Bounds): number | undefined {
  if (scaling.foreign(deployment) !== undefined) return undefined;
  if (!isScaled(scaling, deployment, bounds)) return bounds.min;
  const there = scaling.replicas(deployment);
  // An autoscaler takes 0 that it has not set itself for a wish to be left alone, so nothing begins there.
  if (there === undefined || (there === 0 && !scaling.isAsleep(deployment))) return Math.max(1, bounds.min);
  return undefined;
}
