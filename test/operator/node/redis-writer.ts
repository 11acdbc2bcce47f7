import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { Shop } from "./shop.ts";

/** A process of the workloads' image that counts in Redis all the time, by the connection that every process of ours has. */
export interface RedisWriter {
  /** How long the longest pause between two writes since then was, and how many writes that were told to be done were not there afterwards. */
  since(moment: number): Promise<{ readonly gapSeconds: number; readonly lost: number }>;
  /** Waits until it has written again, later than that moment. */
  writesAfter(moment: number, withinSeconds: number): Promise<void>;
}

/** One line for each pause of more than 200 ms when it is over, and for each second. */
const program = `
import { openImpatient } from "/app/workloads/queue/connection.ts";
const redis = openImpatient(process.env.REDIS_URL, 500);
let written = 0, last = Date.now(), told = 0;
for (;;) {
  try {
    const count = await redis.incr("satang:test:written");
    const now = Date.now();
    const lost = Math.max(0, written + 1 - count);
    if (now - last > 200 || lost > 0 || now - told > 1000) {
      console.log(JSON.stringify({ at: now, from: last, lost }));
      told = now;
    }
    written = count;
    last = now;
  } catch {}
  await new Promise((resolve) => setTimeout(resolve, 20));
}`;

export async function startRedisWriter(cluster: Cluster, shop: Shop): Promise<RedisWriter> {
  const api = await shop.get("deployment", "shop-api");
  const { containers, ...spec } = api.spec.template.spec;
  const { env, image, securityContext, volumeMounts, imagePullPolicy } = containers[0];
  const pod = { namespace: shop.namespace, name: "redis-writer" };
  const container = {
    name: "writer",
    image,
    imagePullPolicy,
    env,
    securityContext,
    volumeMounts,
    command: ["node", "--input-type=module", "--eval", program],
  };
  await cluster.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...pod, labels: { "app.kubernetes.io/instance": "shop", "app.kubernetes.io/component": "dispatcher" } }, // who may speak to Redis
    spec: { ...spec, containers: [container], terminationGracePeriodSeconds: 1 },
  });

  type Told = { readonly at: number; readonly from: number; readonly lost: number };
  const told = async (since: number): Promise<Told[]> => {
    const lines = (await cluster.logs(pod)).split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line) as Told).filter(({ at }) => at > since);
  };
  const writer: RedisWriter = {
    async since(moment) {
      const all = await told(moment);
      return {
        gapSeconds: Math.max(0, ...all.filter(({ at, from }) => at - from > 200).map(({ at, from }) => at - from)) / 1000,
        lost: all.reduce((sum, { lost }) => sum + lost, 0),
      };
    },
    async writesAfter(moment, withinSeconds) {
      await eventually(
        async () => {
          if ((await told(moment)).length === 0) throw new Error("Redis takes no writes");
        },
        { withinSeconds, everyMs: 200 },
      );
    },
  };
  await writer.writesAfter(0, 60);
  return writer;
}
