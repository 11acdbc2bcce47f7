import { randomUUID } from "node:crypto";
import type { PaymentSystemStatus } from "../../../crds/status.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";

/** 350 baht, by card. */
export const coffee = { amount: 35_000, currency: "THB", method: { type: "card", token: "tok_visa" } };

// biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks
export type Answer = { readonly status: number; readonly body: Record<string, any> };

/** A payment system in a namespace of its own, `shop`; disposing of it removes the namespace. */
export interface Shop extends AsyncDisposable {
  readonly namespace: string;
  apply(spec: object): Promise<void>;
  resource(): Promise<KubeObject & { status?: PaymentSystemStatus }>;
  /** `status/reason/message` of a condition; undefined: it is not there. */
  condition(type: string): Promise<{ status: string; reason: string; message: string } | undefined>;
  ready(withinSeconds?: number): Promise<void>;
  /** The same, and of what was asked for last. */
  settled(withinSeconds?: number): Promise<void>;
  /** One more payment, waited for; under a key of its own unless given one. */
  pay(key?: string): Promise<Answer>;
  /** What the API answers to the shop's own key. */
  ask(path: string, init?: RequestInit): Promise<Answer>;
  get(kind: string, name: string): Promise<KubeObject>;
  list(kind: string, component?: string): Promise<KubeObject[]>;
  /** Pod of Postgres that takes writes, of that shard; default: the first. */
  primary(shard?: number): Promise<string>;
  /** In that shard's database, as its owner; default: the first. */
  sql(query: string, shard?: number): Promise<string>;
}

export async function openShop(cluster: Cluster, spec?: object): Promise<Shop> {
  const { name: namespace, ...held } = await cluster.namespace();
  const get = (kind: string, name: string) => cluster.get(kind, name, namespace);
  const resource = () => get("psys", "shop");
  const secretKey = async () => Buffer.from((await get("secret", "shop-credentials")).data.secretKey, "base64").toString();

  async function asked(path: string, init: RequestInit = {}): Promise<Answer> {
    await using port = await cluster.forward({ namespace, name: "shop-api" }, 80);
    const headers = { authorization: `Bearer ${await secretKey()}`, ...init.headers };
    // A moment after a pod is ready its Service may still refuse: the node's proxy hears of it a second later.
    const answer = await eventually(
      () => fetch(`http://${port.address}${path}`, { ...init, headers, signal: AbortSignal.timeout(30_000) }),
      {
        withinSeconds: 10,
      },
    );
    return { status: answer.status, body: (await answer.json()) as Answer["body"] };
  }

  /** The member that holds the lock, as Patroni says. */
  async function primary(shard = 0): Promise<string> {
    const leader = (await get("configmap", `shop-${shard === 0 ? "postgres" : `shard-${shard}`}-leader`)).metadata.annotations?.leader;
    if (!leader) throw new Error("no member leads");
    return leader;
  }

  const shop: Shop = {
    namespace,
    apply: (spec) =>
      cluster.apply({ apiVersion: "satang.dev/v1alpha1", kind: "PaymentSystem", metadata: { name: "shop", namespace }, spec }),
    resource,
    async condition(type) {
      const { status = {} } = await resource();
      return status.conditions?.find((one: { type: string }) => one.type === type);
    },
    ready: (withinSeconds = 180) =>
      cluster.wait("psys/shop", "condition=Ready", { namespace, withinSeconds }).catch(async (cause) => {
        throw new Error(`it is not ready; its status: ${JSON.stringify((await resource()).status)}`, { cause });
      }),
    async settled(withinSeconds = 180) {
      const { generation } = (await resource()).metadata;
      await cluster.wait("psys/shop", `jsonpath={.status.observedGeneration}=${generation}`, { namespace, withinSeconds });
      await shop.ready(withinSeconds);
    },
    pay(key = randomUUID()) {
      const headers = { "content-type": "application/json", "idempotency-key": key, prefer: "wait=20" };
      return asked("/v1/payments", { method: "POST", headers, body: JSON.stringify(coffee) });
    },
    ask: asked,
    get,
    list: (kind, component) =>
      cluster.list(kind, { namespace, ...(component && { selector: `app.kubernetes.io/component=${component}` }) }),
    primary,
    sql: async (query, shard) =>
      cluster.exec({ namespace, name: await primary(shard) }, ["psql", "-h", "/tmp", "-U", "satang", "-d", "satang", "-Atc", query]),
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
  if (spec) await shop.apply(spec);
  return shop;
}

/** Waits until a condition says something that fits. */
export async function says(
  shop: Shop,
  type: string,
  expected: { status?: string; reason?: string; message?: RegExp },
  withinSeconds = 90,
): Promise<void> {
  await eventually(
    async () => {
      const condition = await shop.condition(type);
      const fits =
        condition !== undefined &&
        (expected.status === undefined || condition.status === expected.status) &&
        (expected.reason === undefined || condition.reason === expected.reason) &&
        (expected.message === undefined || expected.message.test(condition.message));
      if (!fits) throw new Error(`${type} says ${JSON.stringify(condition)}`);
    },
    { withinSeconds, everyMs: 300 },
  );
}
