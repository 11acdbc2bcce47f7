import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nodeImage } from "./build/base-images.ts";
import { buildImage } from "./build/image.ts";
import { onOwnNode, sharedCluster } from "./cluster-tests.ts";

onOwnNode("an image of ours", () => {
  const cluster = sharedCluster();

  test("is built once for what its Dockerfile copies, and runs on the node", async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, "app"));
    writeFileSync(
      join(folder.path, "Dockerfile"),
      `FROM docker.io/library/node:24-trixie-slim\nWORKDIR /app\nCOPY app ./\nUSER 1000\nENTRYPOINT ["node", "main.js"]\n`,
    );
    writeFileSync(join(folder.path, "app/main.js"), 'console.log("one")');
    const build = async () => buildImage("satang.test/sample:1", folder.path, undefined, [await nodeImage()]);

    const first = await build();
    writeFileSync(join(folder.path, "not-copied"), "so it changes nothing");
    const same = await build();
    writeFileSync(join(folder.path, "app/main.js"), 'console.log("two")');
    const changed = await build();

    expect(same).toEqual(first);
    expect(changed.key).not.toBe(first.key);
    await cluster().node.load(changed);
    await using namespace = await cluster().namespace({ enforce: "baseline" });
    const container = { name: "main", image: changed.name, imagePullPolicy: "IfNotPresent" };
    await cluster().apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "sample", namespace: namespace.name },
      spec: { restartPolicy: "Never", containers: [container] },
    });
    await cluster().wait("pod/sample", "jsonpath={.status.phase}=Succeeded", { namespace: namespace.name });
    expect(await cluster().logs({ namespace: namespace.name, name: "sample" })).toBe("two\n");
  });
});

function temporaryFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "satang-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}
