import { metrics } from "../../workloads/contract.ts";
import { type Finding, failing, well, working } from "./finding.ts";
import type { Known } from "./known.ts";

/** Whether every journal and every currency sums to zero. That they do not stops no payment: people must look. */
export function ledgerBalanced({ system, observed: { imbalance } }: Known): Finding {
  if (imbalance === undefined) return working("NotKnown", "the dispatcher has not told yet whether the books balance");
  if (imbalance === 0) return well("Balanced", "every journal and every currency sums to zero");
  const { namespace, name } = system.metadata;
  return failing(
    "Imbalanced",
    `the books are off by ${imbalance} minor units (${metrics.ledgerImbalance}): the log of the dispatcher names each operation: kubectl logs -n ${namespace} deployment/${name}-dispatcher`,
  );
}
