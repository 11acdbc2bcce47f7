import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cableTo } from "../../operator/api-server/cable.ts";
import { startOperator } from "../../operator/api-server/operator-process.ts";
import type { Trial } from "../../operator/api-server/trial.ts";
import { somePort } from "../../support/set-up.ts";
import { startStandby } from "../../support/standby.ts";
import type { SystemOptions } from "../../support/system.ts";
import { testFolder } from "../../support/test-folder.ts";
import type { Cause } from "./cause.ts";
import { bookCauses, forgedEvents } from "./causes/money-causes.ts";
import { apiServerCauses, away, blind } from "./causes/operator-causes.ts";
import { databaseCauses, replicaBehind } from "./causes/postgres-causes.ts";
import { webhooksFail, workerCauses } from "./causes/process-causes.ts";
import { needsReview, outcomeUnknown, providerCauses } from "./causes/provider-causes.ts";
import { noDispatcher, queueCauses } from "./causes/queue-causes.ts";
import { redisCauses } from "./causes/redis-causes.ts";
import { hurriedRules } from "./hurried-rules.ts";
import { type Prometheus, startPrometheus } from "./prometheus.ts";
import { openSteadyShop } from "./steady-shop.ts";

/** Three shops, two operators, and a Prometheus with hurried rules that reads them all. */
export interface Scene extends AsyncDisposable {
  readonly prometheus: Prometheus;
  /** Lets everything go wrong that can be made to: what does not disturb each other at once, the rest in turn. `happen` lets causes happen one after the other. */
  goWrong(happen: (...causes: Cause[]) => Promise<void>): Promise<void>;
}

const rules = new URL("../../../charts/satang-operator/files/alerts.yaml", import.meta.url).pathname;

export async function openScene(cluster: Trial): Promise<Scene> {
  await using opening = new AsyncDisposableStack();
  const open = async (name: string, options?: SystemOptions) => opening.use(await openSteadyShop(name, options));
  const standbyPort = somePort() + 20_000;
  const bank = await open("bank", { env: { api: { MAX_WAIT_SECONDS: "10" } } });
  const crowd = await open("crowd", { env: { api: { MAX_WAIT_SECONDS: "3600" } } });
  const shop = await open("shop", { workers: 2, standbyPort, env: hurriedShop });
  const standby = opening.use(await startStandby({ primaryUrl: shop.system.databaseUrl, port: standbyPort }));

  const leader = opening.use(await startOperator(cluster.server()));
  await cluster.make("well");
  await cluster.ready("well");
  const cable = opening.use(await cableTo(cluster.server().url));
  const other = opening.use(await startOperator(cluster.server(), { name: "operator-2", at: cable }));
  const operators = [leader, other];
  const watched = operators.map(({ name: pod, management }) => ({
    address: management,
    labels: { job: "satang-operator", namespace: "satang-system", pod },
  }));

  const folder = opening.use(testFolder());
  const hurried = join(folder.path, "alerts.yaml");
  writeFileSync(hurried, hurriedRules(readFileSync(rules, "utf8")));
  const prometheus = opening.use(await startPrometheus([...[bank, crowd, shop].flatMap(({ targets }) => targets), ...watched], hurried));

  const { refused, failing, stripped, fought } = apiServerCauses(cluster);
  const opened = opening.move();
  return {
    prometheus,
    async goWrong(happen) {
      await Promise.all([
        happen(...databaseCauses(bank), outcomeUnknown(bank), ...providerCauses(bank)),
        happen(...queueCauses(crowd), noDispatcher(crowd)),
        happen(forgedEvents(shop), needsReview(shop), ...workerCauses(shop)),
        happen(webhooksFail(shop)),
        happen(replicaBehind(shop, standby)),
        happen(...bookCauses(shop)),
        happen(...redisCauses(shop)),
        Promise.all([happen(refused), happen(failing), happen(stripped, fought), happen(blind(other, cable))]).then(() =>
          happen(away(operators)),
        ),
      ]);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** What takes hours and days otherwise; all of it is what a deployment may set. */
const hurriedShop = {
  api: { VISIBILITY_SECONDS: "2" },
  dispatcher: { VISIBILITY_SECONDS: "2" },
  worker: {
    VISIBILITY_SECONDS: "2",
    LEASE_SECONDS: "5",
    PROVIDER_TIMEOUT_SECONDS: "2",
    WEBHOOK_TIMEOUT_SECONDS: "2",
    RESOLVE_SCHEDULE_SECONDS: "1,1",
  },
};
