import { Agent, request } from "node:https";
import type { QueueDepths } from "../../../operator/metrics-api/queue-depths.ts";

const systems = 334; // of three queues each
const answers = 2_000;
const path = "/apis/external.metrics.k8s.io/v1beta1/namespaces/trial/satang_queue_depth?labelSelector=";
const headers = { "x-remote-user": "admin", "x-remote-group": "system:masters" };

type Asking = {
  readonly depths: QueueDepths;
  readonly now: number;
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string; readonly servername: string };
};

/** Fills the memory with a thousand queues, asks again and again over one line that is kept, and returns the 99th percentile of an answer in milliseconds. */
export async function p99AtThousandQueues({ depths, now, port, tls }: Asking): Promise<number> {
  for (let system = 0; system < systems; system++) {
    const counts = { payments: system, refunds: 0, webhooks: 0 };
    const queues = Object.entries(counts).map(([queue, depth]) => [queue, { depth, oldestSeconds: 1 }] as const);
    depths.set("trial", `shop-${system}`, new Map(queues), now);
  }
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets: 1 });
  const ask = (system: number) =>
    new Promise<number>((resolve, reject) => {
      const begun = performance.now();
      const asked = `${path}${encodeURIComponent(`queue in (payments,refunds),system=shop-${system}`)}`;
      request({ host: "127.0.0.1", port, path: asked, agent, headers }, (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode === 200 ? performance.now() - begun : Number.POSITIVE_INFINITY));
      })
        .on("error", reject)
        .end();
    });
  await ask(0); // whether he may is remembered from here on

  const millis: number[] = [];
  for (let i = 0; i < answers; i++) millis.push(await ask(i % systems));
  agent.destroy();
  return millis.toSorted((a, b) => a - b)[Math.floor(0.99 * answers)]!;
}
