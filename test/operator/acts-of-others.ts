import type { Write } from "../cluster/audit.ts";

/** The account that an installation's operator has. */
export const operatorAccount = "system:serviceaccount:satang-system:satang-operator";

export const isLease = ({ resource }: Write): boolean => resource === "leases";

/** What the operator's processes have asked for, refused or not. The Lease is renewed for as long as there is a leader, and is no object of a system's. */
export const writesOfOperator = (writes: readonly Write[]): Write[] =>
  writes.filter((write) => write.user === operatorAccount && !isLease(write));

/** What the operator's processes have done, but for the Lease, in the order in which it was done. */
export const actsIn = (writes: readonly Write[]): Write[] => writesOfOperator(writes).filter((write) => write.code < 300);

/** What was done by a process that was not the last to have written the Lease. An event may be told late. */
export function actsOfOthers(writes: readonly Write[]): string[] {
  let holder: string | undefined;
  const found: string[] = [];
  for (const write of writes) {
    const { user, resource, code, verb, name, credential } = write;
    if (user !== operatorAccount || code >= 300) continue;
    if (isLease(write)) holder = credential;
    else if (resource !== "events" && credential !== holder) found.push(`${verb} ${resource} ${name} by ${credential} under ${holder}`);
  }
  return found;
}
