import type { Cluster } from "../../cluster/cluster.ts";
import type { PodName } from "../../cluster/kubectl.ts";
import type { Shop } from "./shop.ts";

/** What was seen of a primary that was cut off. */
export interface Seen {
  /** From when its server was last seen to take writes until another was first named leader; below 0: two took writes at once. */
  readonly stoppedSecondsBefore: number;
  /** How long it was labelled as the primary while another was the leader. */
  readonly strayLabelSeconds: number;
}

/** Asks the server within its container five times a second, and says what it answers. */
const serverAsked = `while sleep 0.2; do psql -h /tmp -U satang -d satang -Atc 'select pg_is_in_recovery()' 2>/dev/null || echo down; done`;

/** Looks at both sides of a cut: at the server from within its container, at who leads by the API server. */
export function watchPartition(cluster: Cluster, { namespace }: Shop, old: PodName): { end(): Promise<Seen> } {
  let tookWritesAt = performance.now();
  let ledByAnotherAt = Number.POSITIVE_INFINITY;
  let label: string | undefined;
  let strayUntil = 0;

  const watch = (kind: string, name: string, field: string, onValue: (value: string) => void) => {
    const columns = `jsonpath=${field}{"\\n"}`;
    return cluster.follow(["get", kind, name, "--namespace", namespace, "--watch", "--output", columns], onValue);
  };
  const looking = [
    cluster.follow(["exec", old.name, "--namespace", namespace, "--", "sh", "-c", serverAsked], (answer) => {
      if (answer === "f") tookWritesAt = performance.now();
    }),
    watch("configmap", "shop-postgres-leader", "{.metadata.annotations.leader}", (leader) => {
      if (leader !== "" && leader !== old.name) ledByAnotherAt = Math.min(ledByAnotherAt, performance.now());
    }),
    watch("pod", old.name, "{.metadata.labels.satang\\.dev/role}", (value) => {
      if (label === "primary" && value !== "primary") strayUntil = performance.now();
      label = value;
    }),
  ];
  return {
    async end() {
      await Promise.all(looking.map((one) => one[Symbol.asyncDispose]()));
      if (label === "primary") strayUntil = Number.POSITIVE_INFINITY;
      return {
        stoppedSecondsBefore: (ledByAnotherAt - tookWritesAt) / 1000,
        strayLabelSeconds: Math.max(0, (strayUntil - ledByAnotherAt) / 1000),
      };
    },
  };
}
