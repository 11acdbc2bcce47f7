import type { Kube } from "./kube.ts";

/** Candidates for one lead, of whom at most one acts. */
export interface Election {
  /** On connections of its own, so that no backlog of other calls delays a renewal. */
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
  /** Between renewals, and between looks of those who wait. Default 2. A Lease that is not there yet is made at the third look. */
  retrySeconds?: number | undefined;
  onTrouble?: ((error: Error) => void) | undefined;
}
