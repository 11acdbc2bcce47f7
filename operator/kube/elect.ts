import type { Fence } from "./fence.ts";
import type { Kube } from "./kube.ts";

export interface Election {
  kube: Kube;
  namespace: string;
  /** Name of the Lease that all candidates share. */
  name: string;
  /** This candidate: the pod's name and something that no earlier run of it had. */
  identity: string;
  /** So long after the last renewal that they saw, others may take the lead. Default 15. */
  leaseSeconds?: number | undefined;
  /** So long after its last renewal the leader stops acting: well before the others may. Default 10. */
  renewSeconds?: number | undefined;
  /** Between renewals, and between looks of those who wait. Default 2. */
  retrySeconds?: number | undefined;
  onTrouble?: ((error: Error) => void) | undefined;
}

/**
 * Takes part in the election until `stop`: whenever this process leads, runs `act`. Its fence falls when the lead is lost or `stop` comes; `act` must
 * return soon then, and nothing of it may act without asking the fence (`kube.under(fence)` does). On `stop` the Lease is given back once
 * `act` has returned, so that another leads at once. Resolves after `stop`; throws what `act` throws.
 *
 * Never do two act at once, for each judges by its own clock: a leader counts from before it asked for its renewal, the
 * others from when they saw it. Only a request already on its way when the lead is lost may still arrive.
 */
export declare function elect(election: Election, act: (fence: Fence) => Promise<void>, stop: AbortSignal): Promise<void>;
