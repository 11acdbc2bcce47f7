import { expect, test } from "vitest";
import { startApiServer } from "./api-server.ts";
import { onOwnNode } from "./cluster-tests.ts";
import { nodes } from "./node/sweep.ts";

onOwnNode("an API server without a node", () => {
  test("takes objects and answers for them, beside another of its kind", async () => {
    await using one = await startApiServer();
    await using other = await startApiServer();
    const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace: "default" }, data: { colour: "green" } };

    await one.apply(config);

    expect((await one.get("configmap", "settings", "default")).data).toEqual(config.data);
    await expect(other.get("configmap", "settings", "default")).rejects.toThrow("not found");
  });

  test("leaves nothing behind", async () => {
    const before = nodes();
    await (await startApiServer())[Symbol.asyncDispose]();

    expect(nodes()).toEqual(before);
  });
});
