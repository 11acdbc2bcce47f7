import { expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import { watchConditions } from "./kstatus.ts";
import { openShop, says } from "./shop.ts";
import { tinyShop } from "./tiny-shop.ts";

const [pool] = tinyShop.workers;

export function conditionTests(cluster: () => Cluster): void {
  test("its conditions are those that kstatus reads, in every phase, and each trouble is told with its cause and the way out", async () => {
    await using shop = await openShop(cluster());
    await using watch = watchConditions(shop);
    await shop.apply(tinyShop);
    await shop.settled();
    const serving = (await shop.list("pods", "api")).map(({ metadata }) => metadata.uid);

    await shop.apply({ ...tinyShop, image: "satang.test/satang-workloads:broken" });
    await says(shop, "Ready", { status: "False", reason: "ImagePullBackOff", message: /satang-workloads:broken.*check the image's name/s });
    const hurt = (await shop.list("pods")).filter(({ status }) =>
      status.containerStatuses?.some((one: { image: string }) => one.image.endsWith(":broken")),
    );
    expect(hurt.length).toBe(1);
    expect((await shop.list("pods", "api")).map(({ metadata }) => metadata.uid)).toEqual(serving);
    expect((await shop.pay()).status).toBe(201);
    await shop.apply(tinyShop);
    await shop.settled();

    await shop.apply({ ...tinyShop, workers: [{ ...pool, resources: { cpu: "900", memory: "256Mi" } }] });
    await says(shop, "WorkersReady", { status: "False", reason: "Unschedulable", message: /Insufficient cpu.*ask for less in resources/s });
    await shop.apply(tinyShop);
    await shop.settled();

    await shop.apply({ ...tinyShop, api: { ...tinyShop.api, admission: { maxWaitSeconds: 59 } } });
    await shop.settled();
    expect((await shop.list("pods", "api")).map(({ metadata }) => metadata.uid)).not.toEqual(serving);

    const { namespace } = shop;
    await cluster().apply({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "few", namespace }, spec: { hard: { pods: "0" } } });
    await shop.apply({ ...tinyShop, api: { ...tinyShop.api, replicas: { min: 2, max: 2 } } });
    await says(shop, "Ready", { status: "False", message: /Deployment shop-api cannot make its pods: .*exceeded quota: few/ });
    await cluster().delete("resourcequota", "few", namespace);
    await shop.settled();

    expect(watch.wrongs()).toEqual([]);
    expect(watch.phases()).toEqual(expect.arrayContaining(["InProgress", "Current"]));
  }, 600_000);

  test("a Secret that is missing is named with its key, and a migration that fails with what the database said; both are mended without a restart", async () => {
    const open = { ...tinyShop, networkPolicy: { enabled: false } }; // its policies would let in none but its own
    await using theirs = await openShop(cluster(), open);
    await theirs.ready();
    await theirs.apply({ ...open, paused: true });
    await cluster().kubectl("scale", "deployments", "--all", "--replicas=0", "--namespace", theirs.namespace); // its database is somebody else's now
    const owner = Buffer.from((await theirs.get("secret", "shop-postgres")).data.owner, "base64").toString();
    await using shop = await openShop(cluster(), { ...tinyShop, postgres: { backend: "external", secretName: "their-database" } });
    const secret = (primary?: string) =>
      cluster().apply({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "their-database", namespace: shop.namespace },
        ...(primary && { stringData: { primary } }),
      });
    await using watch = watchConditions(shop);
    const url = (password: string) =>
      `postgres://satang:${password}@shop-postgres-primary.${theirs.namespace}:5432/satang?sslmode=no-verify`;

    await says(shop, "DatabaseReady", {
      status: "False",
      reason: "SecretMissing",
      message: /Secret their-database is not there: create it with the key primary/,
    });
    await secret();
    await says(shop, "DatabaseReady", {
      status: "False",
      reason: "SecretMissing",
      message: /Secret their-database has no key primary: add it/,
    });
    await secret(url("wrong"));
    await says(shop, "MigrationsApplied", {
      status: "False",
      reason: "MigrationFailing",
      message: /password authentication failed for user "satang"/,
    });
    await secret(url(owner));
    await shop.ready();

    expect((await shop.pay()).status).toBe(201);
    expect(watch.wrongs()).toEqual([]);
  }, 400_000);
}
