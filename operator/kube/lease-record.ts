import type { Election } from "./election.ts";
import type { ObjectOf } from "./kinds.ts";
import { atLeastSecondsSince, type Moment } from "./moment.ts";

export type Lease = ObjectOf<"Lease">;
type NewLease = Pick<Lease, "apiVersion" | "kind"> & { metadata: { namespace: string; name: string }; spec: NonNullable<Lease["spec"]> };

/** What a candidate saw of the Lease, and when it first saw exactly that. */
export interface Seen {
  /** As text: any renewal changes it. */
  record: string;
  at: Moment;
  /** It is what the first look saw: nothing is known of a holder that was before. */
  isFirst: boolean;
}

/** Nobody's clock but our own counts: a record that has not changed for as long as it promised is nobody's any more. */
export function isFree(lease: Lease | undefined, seen: Seen, { identity, leaseSeconds, retrySeconds }: Promised): boolean {
  const silentSeconds = atLeastSecondsSince(seen.at);
  // Where there is none, it may have been deleted by hand: whoever held it acts on for a moment, and makes it anew when he would renew it.
  if (!lease) return silentSeconds > (seen.isFirst ? 2 * retrySeconds : leaseSeconds);
  const { holderIdentity, leaseDurationSeconds = 0 } = lease.spec ?? {};
  if (!holderIdentity || holderIdentity === identity) return true; // given back; or our own, where the answer to taking it was lost
  return silentSeconds > Math.max(leaseDurationSeconds, leaseSeconds);
}

interface Promised {
  identity: string;
  leaseSeconds: number;
  retrySeconds: number;
}

export const recordOf = (lease: Lease | undefined): string => JSON.stringify(lease?.spec ?? null);

/** Of a Lease that nobody has held before, as far as is known. */
export function firstLease(
  { namespace, name, identity }: Pick<Election, "namespace" | "name" | "identity">,
  leaseSeconds: number,
): NewLease {
  const at = timeNow();
  const spec = { holderIdentity: identity, leaseDurationSeconds: leaseSeconds, acquireTime: at, renewTime: at, leaseTransitions: 0 };
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name }, spec };
}

export function taken({ spec, ...lease }: Lease, identity: string, leaseSeconds: number): Lease {
  const at = timeNow();
  const leaseTransitions = (spec?.leaseTransitions ?? 0) + 1;
  return {
    ...lease,
    spec: { ...spec, holderIdentity: identity, leaseDurationSeconds: leaseSeconds, acquireTime: at, renewTime: at, leaseTransitions },
  };
}

export const renewed = (lease: Lease): Lease => ({ ...lease, spec: { ...lease.spec, renewTime: timeNow() } });

/** Nobody's, and to be taken at once. The server wants a duration of at least a second. */
export const givenBack = (lease: Lease): Lease => ({
  ...lease,
  spec: { ...lease.spec, holderIdentity: "", leaseDurationSeconds: 1, renewTime: timeNow() },
});

/** A `MicroTime`: the server refuses a time without six digits. */
const timeNow = (): string => new Date().toISOString().replace("Z", "000Z");
