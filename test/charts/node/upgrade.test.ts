import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { repository } from "../../cluster/build/folders.ts";
import { onOwnNode, sharedCluster } from "../../cluster/cluster-tests.ts";
import { command } from "../../cluster/command.ts";
import { eventually } from "../../cluster/eventually.ts";
import { ourImages } from "../../operator/node/installed.ts";
import { startLoad } from "../../operator/node/payment-load.ts";
import { openShop, type Shop } from "../../operator/node/shop.ts";
import { tinyShop } from "../../operator/node/tiny-shop.ts";
import { shellOf } from "./with-helm.ts";

/** The commit or tag that users have, whose images and chart are installed first. */
const before = process.env.UPGRADE_FROM;

const release = (chart: string) => `satang-operator ${chart}/charts/satang-operator -n satang-system --wait --timeout 5m`;

(before ? onOwnNode : describe.skip)(`an upgrade from ${before}`, () => {
  let checkout = "";
  afterAll(() => rmSync(checkout, { recursive: true, force: true }));
  const cluster = sharedCluster({
    async images() {
      checkout = mkdtempSync(join(tmpdir(), "satang-before-"));
      await command("bash", ["-euo", "pipefail", "-c", `git archive ${before} | tar --extract --directory ${checkout}`], {
        cwd: repository,
      });
      return [...(await ourImages()), ...(await ourImages({ checkout, tag: "before" }))];
    },
  });

  test("renews the operator and all of a replicated system under load, with nothing lost and nothing doubled", async () => {
    const shell = await shellOf(cluster());
    await shell(`helm install ${release(checkout)} --create-namespace --set image.registry=satang.test --set image.tag=before`);
    await using shop = await openShop(cluster(), replicated);
    await shop.ready(600);
    await using load = await startLoad(cluster(), shop);

    await load.during(`everything is upgraded from ${before}`, async () => {
      await shell(`helm upgrade ${release(".")} --reset-values --set image.registry=satang.test`);
      await eventually(async () => expect(await oldOnes(shop)).toEqual([]), { withinSeconds: 600, everyMs: 2_000 });
      await shop.settled(300);
    });

    expect(await load.end()).toMatchObject({ lost: 0, doubled: 0, faults: [] });
    expect((await shop.pay()).body.status).toBe("succeeded");
  }, 1_800_000);
});

const replicated = {
  ...tinyShop,
  postgres: { ...tinyShop.postgres, instances: 3 },
  redis: { ...tinyShop.redis, replicas: 3 },
  api: { ...tinyShop.api, replicas: { min: 2, max: 2 } },
};

/** Images from before that pods of the system still run. */
async function oldOnes(shop: Shop): Promise<string[]> {
  const pods = await shop.list("pods");
  const images = pods.flatMap(({ spec }) => (spec.containers as { image: string }[]).map(({ image }) => image));
  return images.filter((image) => image.endsWith(":before"));
}
