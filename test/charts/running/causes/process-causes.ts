import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "../../../support/inspector.ts";
import { answers } from "../../../workloads/webhook/receiver.ts";
import type { Cause } from "../cause.ts";
import { freeze } from "../freeze.ts";
import type { SteadyShop } from "../steady-shop.ts";

const hurt = "worker-payments-2";

/** Of one worker of two, one after the other. Its lease is five seconds. */
export function workerCauses({ name, system }: SteadyShop): Cause[] {
  const pod = { system: name, pod: `${name}-${hurt}` };
  return [
    {
      alerts: ["SatangLeasesLost"],
      what: "a worker that stands still for longer than its lease, again and again",
      labels: { system: name },
      async produce(fired) {
        await system.behaviour({ latencyMs: 1_500 }); // it has something in hand whenever it is stopped
        while (!fired.aborted) {
          await freeze(system.pid(hurt)!, { seconds: 7 });
          await sleep(3_000);
        }
      },
      end: () => system.behaviour({}),
    },
    {
      alerts: ["SatangEventLoopSlow"],
      what: "a worker whose CPU is taken away most of the time",
      labels: pod,
      async produce(fired) {
        while (!fired.aborted) await freeze(system.pid(hurt)!, { seconds: 0.6, pauseSeconds: 0.15, times: 5 });
      },
    },
    {
      alerts: ["SatangHeapFull"],
      what: "a worker that keeps what it no longer needs",
      labels: pod,
      produce: () => evaluate(system.pid(hurt)!, leak),
      end: () => evaluate(system.pid(hurt)!, "globalThis.leak = undefined"),
    },
    {
      alerts: ["SatangProcessDown"],
      what: "a worker that hangs",
      labels: pod,
      async produce(fired) {
        while (!fired.aborted) await freeze(system.pid(hurt)!, { seconds: 15 });
      },
    },
    {
      alerts: ["SatangProcessRestarts"],
      what: "a worker that is killed three times",
      labels: pod,
      async produce() {
        const { management } = system.processes.find((one) => one.name === hurt)!;
        for (let i = 0; i < 3; i++) {
          const pid = system.pid(hurt);
          system.kill(hurt);
          await system.until(async () => system.pid(hurt) !== pid && (await isRead(management)), "it is back", 60_000);
          await sleep(2_500); // Prometheus has seen it
        }
      },
    },
  ];
}

export function webhooksFail({ name, merchant }: SteadyShop): Cause {
  return {
    alerts: ["SatangWebhooksFail"],
    what: "a merchant's server that answers 500",
    labels: { system: name },
    produce: async () => merchant.behave(answers(500)),
    end: async () => merchant.behave(answers(200)),
  };
}

// Leaves its old space 18 MiB short of its bound, which is more than a worker needs between two collections; in pieces that are small enough to live there.
const leak = `
  const { getHeapSpaceStatistics } = process.getBuiltinModule("node:v8");
  const held = () => getHeapSpaceStatistics().find((space) => space.space_name === "old_space").space_used_size;
  globalThis.leak = [];
  while (held() < 174 * 2 ** 20) for (let i = 0; i < 50; i++) globalThis.leak.push(new Array(1_000).fill(i));
`;

/** In a process of ours, by its inspector, once it has let go of what it does not need. */
async function evaluate(pid: number, expression: string): Promise<void> {
  await using line = await inspect(pid);
  await line.ask("HeapProfiler.collectGarbage");
  await line.ask("Runtime.evaluate", { expression: `{ ${expression} }` });
}

const isRead = (management: string): Promise<boolean> =>
  fetch(`http://${management}/metrics`).then(
    ({ ok }) => ok,
    () => false,
  );
