import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../../cluster/cluster.ts";
import { eventually } from "../../cluster/eventually.ts";
import { tell } from "../../support/tell.ts";
import { judge, openOperations, type Verdict } from "../../workloads/crash/judge.ts";
import { merchant } from "../../workloads/crash/merchant.ts";
import type { Shop } from "./shop.ts";

/** Merchants who pay all the time, each the next payment once the last is accepted; whoever is not answered well asks again under the same key. */
export interface PaymentLoad {
  /** Does something to the system under load, waits until payments flow again, and tells how long none was accepted. */
  during(what: string, act: () => Promise<unknown>): Promise<Gap>;
  /** Longest time without an accepted payment since then, as of now. */
  gapSince(moment: number): number;
  /** Answers other than 2xx since then, by status; 0: none came. */
  refusals(since: number): Map<number, number>;
  /** Stops, waits until every operation has ended, and judges from the rows and from the provider's own count. */
  end(): Promise<Verdict>;
}

export interface Gap {
  readonly seconds: number;
  readonly began: number;
}

const payers = 8;
const restMs = 100;

export async function startLoad(cluster: Cluster, shop: Pick<Shop, "namespace" | "get">): Promise<PaymentLoad & AsyncDisposable> {
  const secretKey = await secretOf(shop, "shop-credentials", "secretKey");
  const door = await cluster.forward({ namespace: shop.namespace, name: "shop-api" }, 80);
  const payer = merchant({ url: `http://${door.address}`, secretKey });
  const acceptedAt: number[] = [];
  const refused: { at: number; status: number; why: string }[] = [];
  let isOver = false;

  async function pay(): Promise<void> {
    while (!isOver) {
      const key = randomUUID();
      while (!isOver) {
        const told = await payer.pay(key);
        if (told && told.status < 300) {
          acceptedAt.push(performance.now());
          break;
        }
        const { code = "no answer", detail = "" } = (told?.payment ?? {}) as { code?: string; detail?: string };
        const why = told && told.status >= 500 ? code : `${code} ${detail}`.trim(); // of a server's error the code says it all
        refused.push({ at: performance.now(), status: told?.status ?? 0, why });
        await sleep(restMs); // less patient than Retry-After asks, so that the gap is the system's and not the merchant's
      }
      await sleep(restMs);
    }
  }
  const paying = Promise.all(Array.from({ length: payers }, pay));

  function gapSince(moment: number): number {
    const times = [...acceptedAt.filter((at) => at >= moment), performance.now()];
    return Math.max(...times.map((at, index) => at - (times[index - 1] ?? moment))) / 1000;
  }

  function refusals(since: number): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { at, status } of refused) if (at >= since) counts.set(status, (counts.get(status) ?? 0) + 1);
    return counts;
  }

  function reasons(since: number): string {
    const all = refused.filter(({ at }) => at >= since).map(({ status, why }) => `${status || ""} ${why}`.trim());
    const each = [...new Set(all)].map((one) => `${all.filter((other) => other === one).length} × ${one}`);
    return each.join(", ") || "none";
  }

  const flows = async (count: number, withinSeconds: number) => {
    const target = acceptedAt.length + count;
    await eventually(() => mustBe(acceptedAt.length >= target, "no payment is accepted"), { withinSeconds, everyMs: 50 });
  };
  await flows(50, 60);

  async function stop(): Promise<void> {
    isOver = true;
    await paying;
    await payer.close();
    await door[Symbol.asyncDispose]();
  }

  return {
    async during(what, act) {
      await flows(20, 60);
      const began = performance.now();
      await act();
      await flows(50, 120);
      await sleep(6_000); // what comes in a second wave belongs to it too
      await flows(20, 120);
      const seconds = gapSince(began);
      tell(what, { "write gap, s": seconds.toFixed(2), "refused meanwhile": reasons(began) });
      return { seconds, began };
    },
    gapSince,
    refusals,
    async end() {
      await stop();
      const password = await secretOf(shop, "shop-postgres", "owner");
      await using database = await cluster.forward({ namespace: shop.namespace, name: "shop-postgres-primary" }, 5432);
      await using simulator = await cluster.forward({ namespace: shop.namespace, name: "shop-simulator" }, 4010);
      const databaseUrl = `postgres://satang:${password}@${database.address}/satang?sslmode=no-verify`;
      await eventually(async () => mustBe((await openOperations(databaseUrl)) === 0, "operations are still open"), {
        withinSeconds: 180,
        everyMs: 500,
      });
      const verdict = await judge({ databaseUrl, simulatorUrl: `http://${simulator.address}`, accepted: payer.accepted });
      const { accepted, lost, doubled, succeeded } = verdict;
      tell("all payments of these drills", { accepted, lost, doubled, succeeded, faults: verdict.faults.length });
      return verdict;
    },
    async [Symbol.asyncDispose]() {
      if (!isOver) await stop();
    },
  };
}

async function secretOf(shop: Pick<Shop, "get">, name: string, key: string): Promise<string> {
  return Buffer.from((await shop.get("secret", name)).data[key], "base64").toString();
}

function mustBe(is: boolean, otherwise: string): void {
  if (!is) throw new Error(otherwise);
}
