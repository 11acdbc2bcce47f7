import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildImage, type Image } from "../../cluster/build/image.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { ourImages } from "./installed.ts";
import { startLoad } from "./payment-load.ts";
import { openShop, type Shop } from "./shop.ts";
import { tinyShop } from "./tiny-shop.ts";

const api = { ...tinyShop.api, replicas: { min: 2, max: 2 } };

export function rolloutTests(cluster: () => Cluster): void {
  test("a rolling update of the API, an upgrade that migrates, its rollback and the next upgrade fail no request, lose no payment and double none", async () => {
    const second = await version(2, { "900-second.sql": "create table satang.second ()" });
    const third = await version(3, {
      "900-second.sql": "create table satang.second ()",
      "901-second.contract.sql": "drop table satang.second",
    });
    const fourth = await version(4, {
      "900-second.sql": "create table satang.second ()",
      "901-second.contract.sql": "drop table satang.second",
      "902-fourth.sql": "create table satang.fourth ()",
    });
    await cluster().node.load(second, third, fourth);
    await using shop = await openShop(cluster(), { ...tinyShop, api });
    await shop.ready();
    await using load = await startLoad(cluster(), shop);
    const begun = performance.now();
    const tables = async () => (await shop.sql("select relname from pg_class where relname in ('second', 'fourth')")).trim();
    const rolled = (what: string, spec: object) => load.during(what, () => roll(shop, { ...tinyShop, api, ...spec }));

    await rolled("the API's pods are renewed", { api: { ...api, admission: { maxWaitSeconds: 59 } } });
    await rolled("an upgrade that migrates", { image: second.name });
    expect(await tables()).toBe("second");
    await rolled("its rollback", {});
    expect(await tables()).toBe("second");
    await rolled("an upgrade that contracts, and waits with it", { image: third.name });
    expect(await tables()).toBe("second");
    await rolled("the next upgrade", { image: fourth.name });
    expect(await tables()).toBe("fourth");

    expect([...load.refusals(begun)]).toEqual([]);
    expect(await load.end()).toMatchObject({ lost: 0, doubled: 0, faults: [] });
  }, 900_000);
}

/** Until all its pods are of what was asked for; before the operator has seen it, it is ready still. */
async function roll(shop: Shop, spec: object): Promise<void> {
  await shop.apply(spec);
  await shop.settled();
}

/** This checkout's image with more migrations in it. */
async function version(number: number, migrations: Record<string, string>): Promise<Image> {
  const base = (await ourImages()).find(({ name }) => name.includes("satang-workloads"))!;
  const folder = mkdtempSync(join(tmpdir(), "satang-version-"));
  try {
    for (const [file, sql] of Object.entries(migrations)) writeFileSync(join(folder, file), sql);
    const names = Object.keys(migrations).join(" ");
    writeFileSync(join(folder, "Dockerfile"), `FROM ${base.name}\nCOPY ${names} workloads/store/migrations/\n`);
    return await buildImage(`satang.test/satang-workloads:version-${number}`, folder, undefined, [base]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
