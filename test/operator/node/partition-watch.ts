import { setTimeout as sleep } from "node:timers/promises";
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

/** Looks at both sides of a cut, several times a second: at the server from within its container, at who leads by the API server. */
export function watchPartition(cluster: Cluster, shop: Shop, old: PodName): { end(): Promise<Seen> } {
  let isOver = false;
  let tookWritesAt = performance.now();
  let ledByAnotherAt = Number.POSITIVE_INFINITY;
  let strayUntil = 0;

  async function lookAtServer(): Promise<void> {
    while (!isOver) {
      const query = ["psql", "-h", "/tmp", "-U", "satang", "-d", "satang", "-Atc", "select pg_is_in_recovery()"];
      const answer = await cluster.exec(old, query).catch(() => "down");
      if (answer === "f\n") tookWritesAt = performance.now();
      await sleep(200);
    }
  }
  async function lookAtLeader(): Promise<void> {
    while (!isOver) {
      const [leader, pod] = await Promise.all([shop.primary().catch(() => old.name), shop.get("pod", old.name).catch(() => undefined)]);
      const now = performance.now();
      if (leader !== old.name) ledByAnotherAt = Math.min(ledByAnotherAt, now);
      if (now > ledByAnotherAt && pod?.metadata.labels?.["satang.dev/role"] === "primary") strayUntil = now;
      await sleep(200);
    }
  }

  const looking = Promise.all([lookAtServer(), lookAtLeader()]);
  return {
    async end() {
      isOver = true;
      await looking;
      return {
        stoppedSecondsBefore: (ledByAnotherAt - tookWritesAt) / 1000,
        strayLabelSeconds: strayUntil === 0 ? 0 : (strayUntil - ledByAnotherAt) / 1000,
      };
    },
  };
}
