import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../cluster/eventually.ts";
import type { Cause } from "./cause.ts";
import type { FiredAlert, Prometheus } from "./prometheus.ts";

const longestSeconds = 240;

/**
 * Waits until none of its alerts fires any more, produces a cause, waits until all of them do, and takes it away again. Throws where one does not, or
 * where one fires on.
 */
export async function produce({ alerts, labels = {}, produce, end }: Cause, prometheus: Prometheus): Promise<readonly FiredAlert[]> {
  const told = async () => (await prometheus.alerts()).filter((alert) => alerts.includes(alert.labels.alertname!) && fits(alert, labels));
  await eventually(
    async () => {
      const before = (await told()).filter(({ state }) => state === "firing");
      if (before.length > 0) throw new Error(`fires before its cause: ${JSON.stringify(before)}`);
    },
    { withinSeconds: longestSeconds },
  );

  const fired = new AbortController();
  const failed = Promise.withResolvers<never>();
  const producing = produce(fired.signal).catch(failed.reject);
  try {
    return await Promise.race([failed.promise, untilAll(alerts, told)]);
  } finally {
    fired.abort();
    await producing;
    await end?.();
  }
}

async function untilAll(names: readonly string[], told: () => Promise<readonly FiredAlert[]>): Promise<readonly FiredAlert[]> {
  const fired = new Map<string, FiredAlert>(); // one may be over before the other begins
  const deadline = performance.now() + longestSeconds * 1000;
  while (fired.size < names.length) {
    const now = await told();
    for (const alert of now.filter(({ state }) => state === "firing")) fired.set(alert.labels.alertname!, alert);
    const missing = names.filter((name) => !fired.has(name));
    if (missing.length > 0 && performance.now() > deadline)
      throw new Error(`${missing.join(", ")} after ${longestSeconds} s: ${now.length > 0 ? "pending at most" : "nothing"}`);
    await sleep(200);
  }
  return [...fired.values()];
}

const fits = (alert: FiredAlert, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([name, value]) => alert.labels[name] === value);
