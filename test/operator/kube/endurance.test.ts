import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { client } from "../../../operator/kube/client.ts";
import { reflect } from "../../../operator/kube/reflector.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { aConfigMap, sharedApiServer } from "./shared-api-server.ts";
import { type Trouble, troubledLine } from "./troubled-line.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

onOwnNode("a reflector that runs for days", () => {
  const { server, kube } = sharedApiServer();

  // A watch lasts a minute or so: a day has some 1300 of them. Here they end as fast as they can, well and badly in turn.
  test("holds no more memory, listeners or connections after three thousand watches than after five hundred", async () => {
    await Promise.all(Array.from({ length: 50 }, (_, i) => kube().create(aConfigMap(`shop-${i}`))));
    await using line = await troubledLine(server());
    await using own = client(line.access);
    const warnings: string[] = [];
    const warn = (warning: Error) => warnings.push(warning.message);
    process.on("warning", warn);
    let watches = 0;
    const ends: Trouble[] = [
      { kind: "reset" },
      { kind: "answer", code: 410, body: {} },
      { kind: "answer", code: 200 },
      { kind: "answer", code: 200, body: `{"type":"ADDED","object":{"metadata":{"name":"half an ev` },
    ];
    line.trouble = ({ isWatch }) => {
      line.requests = [];
      return isWatch ? ends[watches++ % ends.length] : undefined;
    };
    const far = new AbortController();
    const reflector = reflect(own.under({ signal: far.signal, holds: () => true }), "ConfigMap", {
      namespace: "trial",
      backoffMs: { first: 1, most: 1 },
    });
    const seen = async (count: number) => {
      await eventually(() => expect(watches).toBeGreaterThan(count), { withinSeconds: 120 });
      for (let i = 0; i < 3; i++) {
        await sleep(20);
        collectGarbage();
      }
      return { heapMiB: process.memoryUsage().heapUsed / 2 ** 20, listeners: getEventListeners(far.signal, "abort").length };
    };

    const early = await seen(500);
    const late = await seen(3000);
    line.trouble = () => undefined;
    await kube().create(aConfigMap("afterwards"));
    await eventually(() => expect(reflector.get("trial", "afterwards")).toBeDefined());
    await reflector.stop();
    process.off("warning", warn);
    console.log(`heap after 500 watches ${early.heapMiB.toFixed(1)} MiB, after 3000 ${late.heapMiB.toFixed(1)} MiB`);

    expect(late.heapMiB - early.heapMiB).toBeLessThan(2); // 2500 watches that left 1 KiB each would be more
    expect(late.listeners).toBeLessThanOrEqual(2);
    expect(getEventListeners(far.signal, "abort")).toEqual([]);
    expect(warnings).toEqual([]);
    expect(line.openConnections).toBeLessThanOrEqual(3);
  });
});
