import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Alert } from "../../../charts/alerts/alert.ts";
import { postgres } from "../../../charts/alerts/postgres.ts";
import { type Prometheus, startPrometheus } from "../../charts/running/prometheus.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { Shop } from "./shop.ts";

const rules = new URL("../../../charts/satang-operator/files/alerts.yaml", import.meta.url).pathname;
const withoutStandby = "set synchronous_commit to local";

/** A real Prometheus reads the members' own Patroni, under the labels that the chart's PodMonitor gives them. */
export function postgresAlertTests(cluster: () => Cluster, shop: () => Shop): void {
  describe("Prometheus, of the members of its Postgres,", () => {
    const held = new AsyncDisposableStack();
    const addresses: string[] = [];
    let prometheus: Prometheus;
    beforeAll(async () => {
      const targets = [];
      for (const { metadata } of await shop().list("pods", "postgres")) {
        const name = `${metadata.name}.shop-postgres`;
        const { address } = held.use(await cluster().forward({ namespace: shop().namespace, name }, 8008));
        const labels = { job: "satang-postgres", namespace: shop().namespace, system: "shop", component: "postgres", pod: metadata.name };
        targets.push({ address, labels });
        addresses.push(address);
      }
      prometheus = held.use(await startPrometheus(targets, rules));
    });
    afterAll(() => held.disposeAsync());

    const told = (alert: string) => prometheus.range((postgres.rules as Alert[]).find((rule) => rule.alert === alert)!.expr, 0);

    test("reads all that its alerts ask for, and has none", async () => {
      const asked = new Set(postgres.rules.flatMap(({ expr }) => expr.match(/patroni_\w+/g) ?? []));

      await eventually(async () => expect(await prometheus.names()).toEqual(expect.arrayContaining([...asked])), { withinSeconds: 30 });

      expect(asked.size).toBe(4);
      const none = async () => {
        for (const { expr } of postgres.rules) expect(await prometheus.range(expr, 0), expr).toEqual([]);
      };
      await eventually(none, { withinSeconds: 90 }); // once each member was read, which no alert waits less for
    });

    test("may change nothing: for that a member asks for a password", async () => {
      for (const path of ["restart", "switchover", "failover", "reinitialize", "reload"])
        expect((await fetch(`http://${addresses[0]}/${path}`, { method: "POST", body: "{}" })).status).toBe(401);
      expect((await fetch(`http://${addresses[0]}/config`, { method: "PATCH", body: "{}" })).status).toBe(401);
    });

    test("sees standbys that do not stream, and a minute later that they are behind; then that they follow again", async () => {
      const primary = await shop().primary();
      const pods = (await shop().list("pods", "postgres")).map(({ metadata }) => metadata.name).filter((name) => name !== primary);
      const names = async (alert: string) => (await told(alert)).map(({ metric }) => metric.pod).toSorted();
      await shop().sql("alter role replicator nologin");
      await shop().sql("select pg_terminate_backend(pid) from pg_stat_replication");

      await eventually(async () => expect(await names("SatangStandbyNotStreaming")).toEqual(pods), { withinSeconds: 60 });
      await shop().sql(`${withoutStandby}; create table written_meanwhile ()`);
      await eventually(async () => expect(await names("SatangStandbyBehind")).toEqual(pods), { withinSeconds: 120 });
      await shop().sql(`${withoutStandby}; alter role replicator login; drop table written_meanwhile`);

      await eventually(async () => expect(await names("SatangStandbyNotStreaming")).toEqual([]), { withinSeconds: 60 });
      await eventually(async () => expect(await names("SatangStandbyBehind")).toEqual([]), { withinSeconds: 120 });
    });

    test("sees that nobody leads, until another takes over", async () => {
      const primary = await shop().primary();
      await cluster().kubectl("delete", "pod", primary, "--namespace", shop().namespace, "--force", "--grace-period=0");

      await eventually(async () => expect(await told("SatangNoPrimary")).not.toEqual([]), { withinSeconds: 30, everyMs: 200 });
      await eventually(async () => expect(await told("SatangNoPrimary")).toEqual([]), { withinSeconds: 60 });
    });
  });
}
