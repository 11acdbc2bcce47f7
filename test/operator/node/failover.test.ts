import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildImage, type Image } from "../../cluster/build/image.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { onOwnNode, sharedCluster } from "../../cluster/cluster-tests.ts";
import type { Cut } from "../../cluster/cut.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { PodName } from "../../cluster/kubectl.ts";
import { tell } from "../../support/tell.ts";
import { install, operatorNamespace, ourImages } from "./installed.ts";
import { laggardTests } from "./laggards.ts";
import { watchPartition } from "./partition-watch.ts";
import { type PaymentLoad, startLoad } from "./payment-load.ts";
import { openShop, type Shop, says } from "./shop.ts";
import { smallShop } from "./small-shop.ts";

// Each drill runs under the same load, and prints how long no payment was accepted; what was accepted in all of them is judged at the end.
onOwnNode("Postgres fails over under load", () => {
  const cluster = sharedCluster({ images: ourImages });
  let shop: Shop;
  let load: PaymentLoad & AsyncDisposable;
  beforeAll(async () => {
    await install(cluster());
    shop = await openShop(cluster(), smallShop);
    await shop.ready(300);
    load = await startLoad(cluster(), shop);
  });
  afterAll(async () => {
    await load?.[Symbol.asyncDispose]();
    await shop?.[Symbol.asyncDispose]();
  });
  const member = (name: string): PodName => ({ namespace: shop.namespace, name });
  /** The one that takes writes, once it counts on both standbys: a drill begins when the last one is over. */
  async function primary(): Promise<PodName> {
    const counted = async () => (await shop.get("configmap", "shop-postgres-sync")).metadata.annotations?.sync_standby?.split(",");
    await eventually(async () => expect(await counted()).toHaveLength(2), { withinSeconds: 60 });
    return member(await shop.primary());
  }
  const standbys = async () =>
    (await shop.list("pods", "postgres")).map(({ metadata }) => metadata.name).filter((name) => name !== leading);
  let leading = "";

  test.for<[string, (kube: Cluster, pod: PodName) => Promise<unknown>]>([
    ["the primary's pod is deleted by force", (kube, pod) => removed(kube, pod, "--force", "--grace-period=0")],
    ["the first process of the primary is killed", (kube, pod) => kube.node.signal(pod, "SIGKILL")],
    ["postgres alone is killed", (kube, pod) => kube.exec(pod, ["sh", "-c", "kill -9 $(head -1 /data/pg/postmaster.pid)"])],
    ["the primary's pod is deleted", (kube, pod) => removed(kube, pod)],
    ["somebody asks Patroni for a switchover", (kube, pod) => kube.exec(pod, [...patronictl, "switchover", "--force"])],
  ])("%s: another takes writes, and the old one comes back as its standby", async ([what, act]) => {
    const before = await primary();

    const gap = await load.during(what, () => act(cluster(), before));
    await shop.ready(180);

    expect(gap.seconds).toBeLessThan(30);
    expect((await shop.resource()).status?.postgres?.primary).toBe(await shop.primary());
  });

  test("the primary is cut off: it stops writing before another begins, nobody is led to it, and it comes back by itself", async () => {
    const before = await primary();
    const watch = watchPartition(cluster(), shop, before);

    const gap = await load.during("the primary is cut off for 40 s", async () => {
      const cut = await cluster().node.cut(before, "everything");
      await eventually(async () => expect(await shop.primary()).not.toBe(before.name), { withinSeconds: 60 });
      await flowsFor(cut, 15);
    });
    const seen = await watch.end();
    await shop.ready(180);

    console.log(
      `the old primary stopped writing ${seen.stoppedSecondsBefore.toFixed(1)} s before the new one began; label gone after ${seen.strayLabelSeconds.toFixed(1)} s`,
    );
    expect(gap.seconds).toBeLessThan(60);
    expect(seen.stoppedSecondsBefore).toBeGreaterThan(0);
    expect(seen.strayLabelSeconds).toBeLessThan(10);
    expect(await shop.primary()).not.toBe(before.name);
  });

  laggardTests(cluster, () => shop);

  test("it needs no operator: with none, and with operator and primary killed together", async () => {
    const scale = (replicas: number) =>
      cluster().kubectl("scale", "deployment/satang-operator", "-n", operatorNamespace, `--replicas=${replicas}`);
    await scale(0);
    await cluster()
      .wait("pods", "delete", { namespace: operatorNamespace, withinSeconds: 120 })
      .catch(() => {});
    const first = await primary();
    const without = await load.during("the primary is deleted while there is no operator", () =>
      removed(cluster(), first, "--force", "--grace-period=0"),
    );
    await scale(2);
    await shop.ready(240);
    const second = await primary();
    const together = await load.during("operator and primary are deleted together", () =>
      Promise.all([
        cluster().kubectl("delete", "pods", "--all", "-n", operatorNamespace, "--force", "--grace-period=0", "--wait=false"),
        removed(cluster(), second, "--force", "--grace-period=0"),
      ]),
    );
    await shop.ready(240);

    expect(Math.max(without.seconds, together.seconds)).toBeLessThan(30);
    expect(await shop.primary()).not.toBe(second.name);
  });

  test("the API server is away for 60 s: the primary goes on", async () => {
    const before = await shop.primary();
    await eventually(async () => expect((await leaderSays()).failsafe).toEqual(await addresses()), { withinSeconds: 60 });
    const { renewTime } = await leaderSays(); // it asks those that it has read, which it does before it renews its lock the next time
    await eventually(async () => expect((await leaderSays()).renewTime).not.toBe(renewTime), { withinSeconds: 60 });

    const gap = await load.during("the API server is away for 60 s", async () => flowsFor(await cluster().node.outage("gone"), 60));
    await shop.ready(240);

    expect(gap.seconds).toBeLessThan(10);
    expect(await shop.primary()).toBe(before);
  });

  test("a standby with a spoilt volume is named with the way out, and payments go on; without it, the volume is filled anew", async () => {
    leading = await shop.primary();
    const [lost = ""] = await standbys();

    const gap = await load.during("a standby's volume is spoilt", async () => {
      await cluster()
        .exec(member(lost), ["sh", "-c", "chmod 0 /data/pg; kill -9 $(pgrep -o -x postgres || echo 0)"])
        .catch(() => {});
      await says(
        shop,
        "DatabaseReady",
        { status: "False", message: new RegExp(`pod ${lost} .*pvc/data-${lost}.*payments are accepted`) },
        180,
      );
    });
    await cluster().kubectl("delete", "-n", shop.namespace, "--wait=false", `pvc/data-${lost}`, `pod/${lost}`);
    await eventually(async () => expect((await shop.condition("Ready"))?.status).toBe("True"), { withinSeconds: 180 });

    expect(gap.seconds).toBeLessThan(15);
  });

  test("both standbys are gone: payments stop and the resource says so, or go on when only preferred", async () => {
    leading = await shop.primary();
    const others = await standbys();
    const since = performance.now();

    const required = await load.during("both standbys are cut off, durability required", async () => {
      const cuts = await Promise.all(others.map((name) => cluster().node.cut(member(name), "everything")));
      await says(shop, "DatabaseReady", { message: /no payment is accepted/ }, 120);
      await Promise.all(cuts.map((cut) => cut.heal()));
    });
    const refused = load.refusals(since);
    await shop.ready(240);
    await shop.apply({ ...smallShop, postgres: { ...smallShop.postgres, durability: "preferred" } });
    await eventually(async () => expect(await settingsOf()).toMatchObject({ synchronous_mode_strict: false }));
    await shop.ready(240);
    leading = await shop.primary();
    const preferred = await load.during("both standbys are cut off, durability preferred", async () => {
      const cuts = await Promise.all((await standbys()).map((name) => cluster().node.cut(member(name), "everything")));
      await says(shop, "DatabaseReady", { message: /accepted by the primary alone/ }, 120);
      await flowsFor({ heal: async () => void (await Promise.all(cuts.map((cut) => cut.heal()))) }, 10);
    });
    await shop.ready(240);

    expect(refused.size).toBeGreaterThan(0); // a 503, or none within the time that a merchant waits
    expect(required.seconds).toBeGreaterThan(1);
    expect(preferred.seconds).toBeLessThan(60);
  });

  test("a change of memory and of a parameter is rolled out, standbys first, with one switchover at most", async () => {
    const before = await transitions();
    const postgres = { ...smallShop.postgres, resources: { cpu: "100m", memory: "544Mi" }, parameters: { max_connections: "220" } };

    const gap = await load.during("memory and max_connections are raised", async () => {
      await shop.apply({ ...smallShop, postgres });
      await eventually(async () => expect(await shop.sql("show max_connections")).toBe("220\n"), { withinSeconds: 240 });
      await shop.ready(240);
    });

    expect((await transitions()) - before).toBeLessThanOrEqual(1);
    expect(gap.seconds).toBeLessThan(30);
    const memory = (await shop.list("pods", "postgres")).map(({ spec }) => spec.containers[0].resources.limits.memory);
    expect(memory).toEqual(["544Mi", "544Mi", "544Mi"]);
  });

  test("a new image is rolled out in the same way", async () => {
    const image = await nextPostgres();
    await cluster().node.load(image);
    const before = await transitions();

    const gap = await load.during("a new image of Postgres", async () => {
      await shop.apply({ ...smallShop, postgres: { ...smallShop.postgres, image: image.name } });
      await eventually(
        async () => {
          const images = (await shop.list("pods", "postgres")).map(({ spec }) => spec.containers[0].image);
          expect(images).toEqual([image.name, image.name, image.name]);
        },
        { withinSeconds: 240 },
      );
      await shop.ready(240);
    });

    expect((await transitions()) - before).toBeLessThanOrEqual(1);
    expect(gap.seconds).toBeLessThan(30);
  });

  test("every pod of the system is deleted at once: all comes back within a minute, and the books balance", async () => {
    const begun = performance.now();
    const running = async () => (await shop.list("pods")).filter(({ status }) => status.phase === "Running");
    const old = new Set((await running()).map(({ metadata }) => metadata.uid));
    const system = ["--selector", "app.kubernetes.io/instance=shop", "-n", shop.namespace];

    let backAfter = Number.POSITIVE_INFINITY;
    const gap = await load.during("every pod of the system is deleted by force", async () => {
      await cluster().kubectl("delete", "pods", ...system, "--wait=false", "--force", "--grace-period=0");
      await eventually(
        async () => {
          const isReady = (container: { ready: boolean }) => container.ready;
          const anew = (await running()).filter(
            ({ metadata, status }) => !old.has(metadata.uid) && status.containerStatuses.every(isReady),
          );
          expect(anew.length).toBeGreaterThanOrEqual(old.size);
        },
        { withinSeconds: 180, everyMs: 1_000 },
      );
      backAfter = (performance.now() - begun) / 1000;
    });
    await shop.ready(240);

    tell("every pod of the system is deleted by force", { "all ready again after, s": backAfter.toFixed(1) });
    expect(gap.seconds).toBeLessThan(120);
    await says(shop, "LedgerBalanced", { status: "True" });
    expect(await shop.sql("select sum(amount) from satang.ledger_entries")).toBe("0\n");
  });

  test("no payment that was accepted in all this is lost, and none is charged twice", async () => {
    const verdict = await load.end();

    expect(verdict).toMatchObject({ lost: 0, doubled: 0, faults: [] });
    expect(verdict.accepted).toBeGreaterThan(100);
  });

  test("people are told who takes writes", async () => {
    const events = await cluster().kubectl("get", "events.events.k8s.io", "-n", shop.namespace, "-o", "jsonpath={.items[*].reason}");
    expect(events).toContain("PostgresPromoted");
  });

  async function addresses(): Promise<string[]> {
    return (await shop.list("pods", "postgres")).map(({ status }) => `http://${status.podIP}:8008/patroni`).sort();
  }
  /** Whom it will ask when the API server is away, and when it said so. */
  async function leaderSays(): Promise<{ failsafe: string[]; renewTime: string | undefined }> {
    const { failsafe = "{}", renewTime } = (await shop.get("configmap", "shop-postgres-leader")).metadata.annotations ?? {};
    return { failsafe: Object.values(JSON.parse(failsafe) as Record<string, string>).sort(), renewTime };
  }
  const transitions = async () => Number((await shop.get("configmap", "shop-postgres-leader")).metadata.annotations?.transitions);
  async function settingsOf(): Promise<unknown> {
    return JSON.parse((await shop.get("configmap", "shop-postgres-config")).metadata.annotations?.config ?? "{}");
  }
});

/** The same server in an image of another name. */
async function nextPostgres(): Promise<Image> {
  const base = (await ourImages()).find(({ name }) => name.includes("satang-postgres"))!;
  const folder = mkdtempSync(join(tmpdir(), "satang-postgres-"));
  try {
    writeFileSync(join(folder, "Dockerfile"), `FROM ${base.name}\nLABEL next=yes\n`);
    return await buildImage("satang.test/satang-postgres:next", folder, undefined, [base]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const patronictl = ["patronictl", "-c", "/etc/satang/settings/patroni.yml"];

const removed = (kube: Cluster, { name, namespace }: PodName, ...how: string[]) =>
  kube.kubectl("delete", "pod", name, "-n", namespace, "--wait=false", ...how);

async function flowsFor(fault: Pick<Cut, "heal">, seconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  await fault.heal();
}
