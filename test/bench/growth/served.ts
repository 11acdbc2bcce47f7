import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { apiKeyHash, newApiKey } from "../../../workloads/api-key.ts";
import { seed } from "../../../workloads/store/seed.ts";
import { apiLogin, startApis } from "../api-processes.ts";
import { load, type Stage } from "../stage.ts";
import { tenants } from "./merchants.ts";
import { finishAll } from "./store-costs.ts";

const processes = 2; // on one port, as the stage has them
/**
 * Without Redis, so that all is due at once: what is not in a stage's own database is no work for its workers. And whoever comes is let in, for nobody
 * works at what waits while it is measured.
 */
const settings = (url: string) => ({ DATABASE_URL: url, REDIS_URL: "", MAX_WAIT_SECONDS: "3600" });

/** Databases that are paid into over HTTP, by so many merchants in turn. */
export type Served = AsyncDisposable & {
  /** Accepts a second under random keys, at most; all of them are settled afterwards. */
  accepts(url: string, seconds: number): Promise<number>;
};

export async function serve(stage: Stage, urls: readonly string[], merchants: number): Promise<Served> {
  const payers = tenants(merchants).map(({ merchantId }) => ({ id: merchantId, key: newApiKey("sk", "test") }));
  const file = join(stage.folder, "payers.keys");
  await writeFile(file, payers.map(({ key }) => key).join("\n"), { mode: 0o600 });
  const asApi = await apiLogin(stage, "bench_payer");
  const apis = new Map(
    await Promise.all(
      urls.map(async (url) => {
        await seed(url, { merchants: payers.map(({ id, key }) => ({ id, name: id, keys: [{ mode: "test", hash: apiKeyHash(key) }] })) });
        return [url, await startApis(stage, processes, settings(asApi(url)))] as const;
      }),
    ),
  );
  return {
    async accepts(url, seconds) {
      const { perSecond } = await load({ ...apis.get(url)!, secretKey: "" }, `--keys=${file}`, "--random", `--seconds=${seconds}`);
      await finishAll(url);
      return perSecond;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...apis.values()].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}
