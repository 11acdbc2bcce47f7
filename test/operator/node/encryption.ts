import type { TLSSocket } from "node:tls";
import pg from "pg";
import { expect, test } from "vitest";
import { usualDays } from "../../../operator/certificates/certificates.ts";
import { make } from "../../../operator/certificates/make.ts";
import { certificatesOf, dataOf } from "../../../operator/certificates/secret-data.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { Shop } from "./shop.ts";

/** Of a system with standbys that is ready. */
export function encryptionTests(cluster: () => Cluster, shop: () => Shop): void {
  const members = async () => (await shop().list("pods", "postgres")).map(({ metadata }) => metadata.name);

  test("has each connection to Postgres encrypted: of every process, and of its standbys", async () => {
    expect((await shop().pay()).status).toBe(201);
    expect((await shop().ask("/v1/payments")).status).toBe(200); // from a standby
    const query =
      "select usename, ssl, version from pg_stat_ssl join pg_stat_activity using (pid) where client_addr is not null group by 1, 2, 3";
    const psql = ["psql", "-h", "/tmp", "-U", "satang", "-d", "satang", "-Atc", query];

    const seen = await Promise.all((await members()).map((name) => cluster().exec({ namespace: shop().namespace, name }, psql)));

    const users = ["replicator", "satang_api_login", "satang_dispatcher_login", "satang_worker_login"];
    const connections = seen.flatMap((lines) => lines.split("\n")).filter((line) => line && !line.startsWith("rewinder|t|"));
    expect([...new Set(connections)].sort()).toEqual(users.map((user) => `${user}|t|TLSv1.3`));
    expect(await shop().sql("select count(*) from pg_stat_replication join pg_stat_ssl using (pid) where ssl")).toBe("2\n");
  });

  test("lets nobody in without, and is not believed by whoever trusts another authority", async () => {
    const name = { namespace: shop().namespace, name: await shop().primary() };
    const ask = (how: string) => {
      const to = `host=shop-postgres-primary user=satang dbname=satang ${how}`;
      return cluster().exec(name, ["sh", "-c", `PGPASSWORD=$(cat /etc/satang/passwords/owner) psql "${to}" -Atc "select 1" 2>&1 || true`]);
    };

    expect(await ask("sslmode=verify-full sslrootcert=/etc/satang/postgres-tls/ca.crt")).toBe("1\n");
    expect(await ask("sslmode=disable")).toContain("no encryption");
    expect(await ask("sslmode=verify-full sslrootcert=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt")).toContain("verify failed");
  });

  test("serves a renewed certificate within minutes, and no pod is started anew for it", async () => {
    const pods = async () =>
      (await shop().list("pods"))
        .filter(({ status }) => status.phase === "Running")
        .map(({ metadata, status }) => [metadata.uid, status.containerStatuses[0].restartCount])
        .sort();
    const before = await pods();
    const read = async () => certificatesOf((await shop().get("secret", "shop-postgres-tls")).data)!;
    const have = await read();
    const old = await make({ names: ["shop-postgres-primary"], days: { ...usualDays, serving: 1 / 1440 }, authority: have.authority });
    const { namespace } = shop();
    const data = dataOf({ ...have, serving: old.serving });
    await cluster().kubectl("patch", "secret", "shop-postgres-tls", "-n", namespace, "--type=merge", "-p", JSON.stringify({ data }));

    const renewed = await eventually(async () => {
      const { serving } = await read();
      expect([have.serving.certificate, old.serving.certificate]).not.toContain(serving.certificate);
      return serving;
    });
    await eventually(async () => expect(await served()).toBe(renewed.certificate.trim()), { withinSeconds: 240, everyMs: 2000 });

    expect((await shop().pay()).status).toBe(201);
    expect(await pods()).toEqual(before);
  }, 400_000);

  /** What the primary shows to whoever connects. */
  async function served(): Promise<string> {
    const { namespace } = shop();
    const password = Buffer.from((await shop().get("secret", "shop-postgres")).data.owner, "base64").toString();
    await using door = await cluster().forward({ namespace, name: "shop-postgres-primary" }, 5432);
    const client = new pg.Client({ connectionString: `postgres://satang:${password}@${door.address}/satang?sslmode=no-verify` });
    await client.connect();
    const { stream } = (client as unknown as { connection: { stream: TLSSocket } }).connection;
    const certificate = stream.getPeerX509Certificate()!.toString().trim();
    await client.end();
    return certificate;
  }
}
