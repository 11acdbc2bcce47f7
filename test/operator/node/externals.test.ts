import { afterAll, beforeAll, expect, test } from "vitest";
import { onOwnNode, sharedCluster } from "../../cluster/cluster-tests.ts";
import { install, ourImages } from "./installed.ts";
import { openShop, type Shop, says } from "./shop.ts";
import { tinyShop } from "./tiny-shop.ts";

const password = "hard-to-guess";

// Plain servers as anybody may run them, in pods of their own; the system knows them by two Secrets only.
onOwnNode("a Postgres and a Redis that somebody else runs", () => {
  const cluster = sharedCluster({ images: ourImages });
  let shop: Shop;
  beforeAll(async () => {
    await install(cluster());
    const [, , postgres, redis] = await ourImages();
    shop = await openShop(cluster());
    await runs("their-postgres", 5432, postgres!.name, [
      `echo ${password} > /tmp/password && /usr/lib/postgresql/17/bin/initdb -D /tmp/data -U owner -A scram-sha-256 --pwfile /tmp/password`,
      "echo 'host all all all scram-sha-256' >> /tmp/data/pg_hba.conf",
      "exec /usr/lib/postgresql/17/bin/postgres -D /tmp/data -c listen_addresses=* -c unix_socket_directories=/tmp",
    ]);
    await runs("their-redis", 6379, redis!.name, [`exec redis-server --dir /tmp --requirepass ${password}`]);
    await holds("their-postgres", { primary: `postgres://owner:${password}@their-postgres:5432/postgres` });
    await holds("their-redis", { url: `redis://:${password}@their-redis:6379` });
    const { postgres: _, redis: __, ...rest } = tinyShop;
    await shop.apply({
      ...rest,
      postgres: { backend: "external", secretName: "their-postgres" },
      redis: { backend: "external", secretName: "their-redis" },
    });
    await shop.ready(300);
  });
  afterAll(() => shop?.[Symbol.asyncDispose]());

  test("take the place of ours: payments, keys, refunds, lists, reports and books are as they are with these", async () => {
    const paid = await shop.pay("once");
    const again = await shop.pay("once");
    const refund = await shop.ask(`/v1/payments/${paid.body.id}/refunds`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": "back", prefer: "wait=20" },
      body: JSON.stringify({ amount: 5_000 }),
    });

    expect(paid).toMatchObject({ status: 201, body: { status: "succeeded", amount: 35_000 } });
    expect(again.body.id).toBe(paid.body.id);
    expect(refund).toMatchObject({ status: 201, body: { status: "succeeded", amount: 5_000 } });
    expect(await shop.ask("/v1/payments")).toMatchObject({ status: 200, body: { data: [{ id: paid.body.id }] } });
    expect(await shop.ask("/v1/balance")).toMatchObject({ status: 200 });
    await says(shop, "LedgerBalanced", { status: "True" });
  });

  test("have none of ours beside them", async () => {
    expect(await shop.list("statefulsets", "postgres")).toEqual([]);
    expect(await shop.list("statefulsets", "redis")).toEqual([]);
    expect(await shop.list("pods", "postgres")).toEqual([]);
  });

  async function runs(name: string, port: number, image: string, lines: string[]): Promise<void> {
    const metadata = { name, namespace: shop.namespace, labels: { theirs: name } };
    await cluster().apply(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata,
        spec: {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "server",
              image,
              command: ["bash", "-c", lines.join("\n")],
              readinessProbe: { tcpSocket: { port } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            },
          ],
          terminationGracePeriodSeconds: 1,
        },
      },
      { apiVersion: "v1", kind: "Service", metadata, spec: { selector: metadata.labels, ports: [{ port }] } },
    );
    await cluster().wait(`pod/${name}`, "condition=Ready", { namespace: shop.namespace, withinSeconds: 120 });
  }
  const holds = (name: string, stringData: Record<string, string>) =>
    cluster().apply({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: shop.namespace }, stringData });
});
