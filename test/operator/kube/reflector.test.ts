import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { client } from "../../../operator/kube/client.ts";
import { reflect } from "../../../operator/kube/reflector.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { accessOf } from "./access-of.ts";
import { aConfigMap, sharedApiServer } from "./shared-api-server.ts";
import { troubledLine } from "./troubled-line.ts";
import { differences, selected, turmoil, watch, watchBy } from "./watched.ts";

onOwnNode("a reflector", () => {
  const { server, kube } = sharedApiServer();

  test("holds what the API server has, page by page, and follows what is made, changed and deleted", async () => {
    await Promise.all(Array.from({ length: 25 }, (_, i) => kube().create(aConfigMap(`first-${i}`))));
    await kube().create(aConfigMap("other", {}, { part: "unwatched" }));
    await using line = await troubledLine(server());
    await using watched = await watch(line, { pageSize: 10 });

    expect(await differences(watched, kube())).toEqual([]);
    await turmoil(kube());

    await eventually(async () => expect(await differences(watched, kube())).toEqual([]), { withinSeconds: 10 });
    expect(watched.reflector.get("trial", "other")).toBeUndefined();
    expect(line.requests.filter(({ path }) => path.includes("limit=10"))).toHaveLength(3);
    expect(line.watches).toBe(1);
    expect(watched.reflector.list("elsewhere")).toEqual([]);
  });

  test("keeps no managedFields, and only what it is told to", async () => {
    await kube().apply(aConfigMap("big", { text: "x".repeat(1000) }), { fieldManager: "test" });
    await using line = await troubledLine(server());
    await using whole = await watch(line, {});
    await using thin = await watch(line, { keep: ({ data: _, ...object }) => object });

    expect(whole.reflector.get("trial", "big")).toMatchObject({ kind: "ConfigMap", data: { text: expect.any(String) } });
    expect(whole.reflector.get("trial", "big")!.metadata).not.toHaveProperty("managedFields");
    expect(thin.reflector.get("trial", "big")).not.toHaveProperty("data");
  });

  test("goes from one watch to the next on the same connection, through quiet and change, without a list or a change told twice", async () => {
    const shop = await kube().create(aConfigMap("shop"));
    await using line = await troubledLine(server());
    await using own = client(line.access, { requestSeconds: 1 });
    await using watched = await watchBy(own, { watchSeconds: 2, silenceSeconds: 6 });
    for (let i = 0; i < 5; i++) {
      await sleep(i % 2 === 0 ? 1500 : 200);
      await kube().patch("ConfigMap", shop.metadata, { data: { count: `${i}` } });
    }
    await eventually(async () => expect(await differences(watched, kube())).toEqual([]));

    expect(watched.troubles).toEqual([]);
    expect(watched.changes).toEqual(["add shop", ...Array(5).fill("update shop")]);
    expect(line.requests.filter(({ path }) => path.includes("limit="))).toHaveLength(1);
    expect(line.requests.length).toBeGreaterThan(2);
    expect(line.connections).toBe(2); // one for lists, one for the watch
  });

  test("knows a watch for alive by any event, however long there was no bookmark", async () => {
    const shop = await kube().create(aConfigMap("shop"));
    await using line = await troubledLine(server());
    await using watched = await watch(line, { silenceSeconds: 1.5 });
    for (let i = 0; i < 12; i++) {
      await sleep(300);
      await kube().patch("ConfigMap", shop.metadata, { data: { count: `${i}` } });
    }

    expect(watched.troubles).toEqual([]);
    expect(watched.reflector.stalenessSeconds()).toBeLessThan(1);
  });

  test("takes objects that come in many pieces, cut between any two bytes", async () => {
    await using line = await troubledLine(server());
    await using watched = await watch(line, {});
    const text = "สตางค์ ".repeat(20_000);

    await kube().create(aConfigMap("big", { text }));

    await eventually(() => expect(watched.reflector.get("trial", "big")?.data).toEqual({ text }));
    expect(watched.troubles).toEqual([]);
  });

  test("is not hurt by a handler that throws, and calls none once it is stopped", async () => {
    await kube().create(aConfigMap("shop"));
    await using own = client(accessOf(server()));
    const troubles: string[] = [];
    let calls = 0;
    const reflector = reflect(own, "ConfigMap", {
      ...selected,
      onTrouble: ({ message }) => troubles.push(message),
      handlers: {
        add: () => {
          calls++;
          throw new Error("a fault of ours");
        },
      },
    });
    await reflector.whenSynced();
    await kube().create(aConfigMap("second"));
    await eventually(() => expect(calls).toBe(2));

    await reflector.stop();
    await kube().create(aConfigMap("third"));
    await sleep(300);

    expect(calls).toBe(2);
    expect(troubles).toEqual(["a handler of changes threw", "a handler of changes threw"]);
    expect(
      reflector
        .list()
        .map(({ metadata }) => metadata.name)
        .toSorted(),
    ).toEqual(["second", "shop"]);
    const never = reflect(own, "ConfigMap", selected);
    await never.stop();
    await expect(never.whenSynced()).rejects.toThrow("stopped before it had all");
  });
});
