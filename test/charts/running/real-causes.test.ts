import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alerts } from "../../../charts/alerts/alerts.ts";
import { postgres } from "../../../charts/alerts/postgres.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { trial } from "../../operator/api-server/trial.ts";
import type { Cause } from "./cause.ts";
import { produce } from "./produce.ts";
import type { FiredAlert } from "./prometheus.ts";
import { openScene, type Scene } from "./scene.ts";

const minutes = 60_000;
/** Longer than any alert waits, in the time of the hurried rules. */
const wellSeconds = 65;
const onNode = postgres.rules; // by test/operator/node/postgres-alerts.ts
const produced = alerts.filter((alert) => !onNode.includes(alert));

onOwnNode("an alert, by the chart's rules in a hurry, on a Prometheus that reads shops and operators", () => {
  const cluster = trial();
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene(cluster);
  });
  afterAll(() => scene?.[Symbol.asyncDispose]());

  test("is silent while all is well", async () => {
    await sleep(wellSeconds * 1000);

    const fired = await scene.prometheus.range('ALERTS{alertstate="firing"}', 2 * wellSeconds);
    expect(fired.map(({ metric }) => metric)).toEqual([]);
    expect(await scene.prometheus.range("up == 0", 0)).toEqual([]);
  });

  describe("fires when its cause is produced:", () => {
    const outcomes: { cause: Cause; fired: readonly FiredAlert[]; error?: unknown }[] = [];
    beforeAll(() => scene.goWrong(happen), 20 * minutes);

    async function happen(...causes: Cause[]): Promise<void> {
      for (const cause of causes) {
        try {
          outcomes.push({ cause, fired: await produce(cause, scene.prometheus) });
        } catch (error) {
          outcomes.push({ cause, fired: [], error });
        }
      }
    }

    test.each(produced)("$alert", ({ alert, summary, description }) => {
      const own = outcomes.filter(({ cause }) => cause.alerts.includes(alert));

      expect(own.flatMap(({ cause, error }) => (error ? [`${cause.what}: ${error}`] : []))).toEqual([]);
      expect(own.length).toBeGreaterThan(0);
      const named = [...`${summary} ${description}`.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label!);
      for (const { fired } of own) {
        const { labels } = fired.find((one) => one.labels.alertname === alert)!;
        expect(named.filter((label) => !labels[label])).toEqual([]);
      }
    });
  });
});
