import { describe, expect, test } from "vitest";
import type { Scaling } from "../../../operator/scaling/scaling.ts";
import { aGiven, aScaling, objectsOf } from "./given.ts";

const pool = { name: "all", queues: ["payments", "refunds", "webhooks"] };
const made = (spec: object = {}, scaling: Partial<Scaling> = {}) => objectsOf(aGiven(spec, { scaling: aScaling(scaling) }));
const replicas = (...given: Parameters<typeof made>) =>
  Object.fromEntries(
    made(...given)
      .filter(({ kind }) => kind === "Deployment")
      .map(({ metadata, spec }) => [metadata.name, spec.replicas]),
  );
const autoscalers = (...given: Parameters<typeof made>) => made(...given).filter(({ kind }) => kind === "HorizontalPodAutoscaler");
const bounds = (...given: Parameters<typeof made>) =>
  Object.fromEntries(autoscalers(...given).map(({ metadata, spec }) => [metadata.name, [spec.minReplicas, spec.maxReplicas]]));

describe("how many pods a part has", () => {
  test("is named by us once, when it is made, and then left to its autoscaler, also while that is gone", () => {
    expect(replicas()).toEqual({ "shop-api": 2, "shop-dispatcher": 1, "shop-worker-payments": 1, "shop-worker-webhooks": 1 });
    expect(replicas({}, { replicas: () => 7 })).toEqual({
      "shop-api": undefined,
      "shop-dispatcher": 1,
      "shop-worker-payments": undefined,
      "shop-worker-webhooks": undefined,
    });
  });

  test("is named by us for good where fewest and most are the same, and nothing scales it then", () => {
    const fixed = { api: { replicas: { min: 3, max: 3 } }, workers: [{ ...pool, replicas: { min: 2, max: 2 } }] };

    expect(replicas(fixed, { replicas: () => 7 })).toEqual({ "shop-api": 3, "shop-dispatcher": 1, "shop-worker-all": 2 });
    expect(autoscalers(fixed)).toEqual([]);
  });

  test("is somebody else's where he has made an autoscaler of his own: two would stop each other", () => {
    const scaling = { foreign: (name: string) => (name === "shop-worker-payments" ? "theirs" : undefined) };

    expect(replicas({}, scaling)["shop-worker-payments"]).toBeUndefined();
    expect(Object.keys(bounds({}, scaling))).toEqual(["shop-api", "shop-worker-webhooks"]);
  });

  test("begins with one where the fewest is none, and one comes back where the last was not taken by the autoscaler", () => {
    const zero = { workers: [{ ...pool, replicas: { min: 0, max: 5 } }] };
    const worker = (...given: Parameters<typeof made>) => replicas(...given)["shop-worker-all"];

    expect(bounds(zero)["shop-worker-all"]).toEqual([0, 5]);
    expect(bounds(zero, { allowsZero: false })["shop-worker-all"]).toEqual([1, 5]);
    expect(worker(zero)).toBe(1);
    expect(worker(zero, { replicas: () => 0, isAsleep: () => true })).toBeUndefined();
    expect(worker(zero, { replicas: () => 0, isAsleep: () => false })).toBe(1);
  });

  test("has no autoscaler of ours where KEDA or the operator itself scales pools, but for the API", () => {
    for (const backend of ["keda", "direct"] as const) {
      expect(Object.keys(bounds({}, { backend }))).toEqual(["shop-api"]);
      expect(replicas({}, { backend, replicas: () => 7 })["shop-worker-payments"]).toBeUndefined();
    }
  });

  test("is never more than Postgres has connections for, unless somebody else runs it", () => {
    const most = (postgres: object, fields: object = {}) =>
      autoscalers({ postgres, ...fields }).find(({ metadata }) => metadata.name === "shop-worker-payments")!.spec.maxReplicas;
    const spread = (max_connections: string) => ({ parameters: { max_connections } });

    expect(most(spread("1000"))).toBe(20);
    expect(most({})).toBeLessThan(20);
    expect(most({})).toBeGreaterThan(7);
    expect(4 * 2 * most(spread("300")) + 10 * 10 + 7).toBeLessThan(300);
    const externals = { database: { primary: "postgres://o:w@db.example.com/pay", replicas: [] } };
    const given = aGiven({ postgres: { backend: "external", secretName: "theirs" } }, { externals });
    expect(
      objectsOf(given).find(({ kind, metadata }) => kind === "HorizontalPodAutoscaler" && metadata.name === "shop-worker-payments")!.spec
        .maxReplicas,
    ).toBe(20);
  });

  test("is never more than what uses up the provider's rate, in pools that call it", () => {
    const providers = [{ name: "simulator", kind: "simulator", ratePerSecond: 120 }];

    const most = bounds({ providers, postgres: { parameters: { max_connections: "1000" } } });

    expect(most["shop-worker-payments"]).toEqual([1, 3]); // of 50 at once each
    expect(most["shop-worker-webhooks"]).toEqual([1, 20]);
  });
});

describe("the autoscaler of a pool", () => {
  test("goes by its own queues, and by its CPU only where that is asked for", () => {
    const [, plain] = autoscalers({ workers: [pool] });
    const [, both] = autoscalers({ workers: [{ ...pool, targetCPUPercent: 80 }] });

    expect(plain!.spec.metrics).toEqual([
      {
        type: "External",
        external: {
          metric: {
            name: "satang_queue_depth",
            selector: { matchLabels: { system: "shop" }, matchExpressions: [{ key: "queue", operator: "In", values: pool.queues }] },
          },
          target: { type: "AverageValue", averageValue: "100" },
        },
      },
    ]);
    expect(both!.spec.metrics[1].resource).toEqual({ name: "cpu", target: { type: "Utilization", averageUtilization: 80 } });
  });
});
