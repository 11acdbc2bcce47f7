import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { writesOfOperator } from "../acts-of-others.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { residentBytes } from "./resident-bytes.ts";
import { trial } from "./trial.ts";

const systems = 100;
const minutesAtRest = 1;
const nameOf = (index: number) => `shop-${index}`;

onOwnNode("the operator", () => {
  const { server, make, ready } = trial();
  let operator: OperatorProcess;
  let aloneBytes = 0;
  beforeAll(async () => {
    operator = await startOperator(server());
    await make(nameOf(0));
    await ready(nameOf(0));
    aloneBytes = await residentBytes(operator);
  });
  afterAll(() => operator?.[Symbol.asyncDispose]());

  test(`reconciles ${systems} systems, in at most half as much memory again as one takes, and under 150 MiB`, async () => {
    const begun = performance.now();
    for (let index = 1; index < systems; index++) await make(nameOf(index));
    for (let index = 1; index < systems; index++) await ready(nameOf(index), 240);
    const seconds = (performance.now() - begun) / 1000;

    const bytes = await residentBytes(operator);
    const p95 = await operator.quantile("reconcile_duration_seconds", 0.95);
    console.log(
      `${systems} systems ready after ${seconds.toFixed(0)} s; p95 of a pass: at most ${p95 * 1000} ms; resident ${mebibytes(bytes)}, with one system ${mebibytes(aloneBytes)}`,
    );
    expect(bytes).toBeLessThan(1.5 * aloneBytes);
    expect(bytes).toBeLessThan(150 * 2 ** 20);
    expect(await operator.metric('satang_operator_applies_total{result="refused"}')).toBe(0);
  }, 600_000);

  test(
    "writes nothing while nothing changes",
    async () => {
      await quiet();
      const before = writesOfOperator(server().writes()).length;

      await sleep(minutesAtRest * 60_000);

      expect(writesOfOperator(server().writes()).slice(before)).toEqual([]);
    },
    (minutesAtRest + 2) * 60_000,
  );

  test("looks at everything again when it is started anew, and writes nothing", async () => {
    await operator.stop();
    const before = writesOfOperator(server().writes()).length;

    await using again = await startOperator(server(), { name: "operator-2" });
    await again.untilMetric('reconcile_duration_seconds_count{outcome="done"}', (passes) => passes >= systems);
    await again.untilMetric('workqueue_depth{name="paymentsystems"}', (waiting) => waiting === 0);

    expect(writesOfOperator(server().writes()).slice(before)).toEqual([]);
  }, 120_000);

  /** What a change brings about may come a moment after it. */
  async function quiet(): Promise<void> {
    for (let count = -1; count !== writesOfOperator(server().writes()).length; await sleep(3000))
      count = writesOfOperator(server().writes()).length;
  }
});

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
