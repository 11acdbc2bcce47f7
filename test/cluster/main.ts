import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { debianImage, nodeImage } from "./build/base-images.ts";
import { nodesFolder } from "./build/folders.ts";
import { goTools } from "./build/go-tools.ts";
import { missing, thisMachine } from "./build/missing.ts";
import { prepare } from "./build/prepare.ts";
import { say } from "./build/progress.ts";
import { startCluster } from "./cluster.ts";
import { living } from "./node/owner.ts";
import { nodes, removeAllNodes } from "./node/sweep.ts";

delete process.env.VITEST; // a test may have started us: what happened is kept by tests only
const [what = "start", ...args] = process.argv.slice(2);
if (what === "start") await start();
else if (what === "kubectl") process.exitCode = await kubectl(args);
else if (what === "down") await down();
else {
  console.error("usage: npm run cluster [-- kubectl … | down]");
  process.exitCode = 2;
}

async function start(): Promise<void> {
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve("stopping …"));
  });
  const lacks = missing({ ...thisMachine(), kubeconfig: false });
  if (lacks) throw new Error(`a cluster needs ${lacks}`);
  await prepare();
  const begun = performance.now();
  await using cluster = await startCluster({ images: await Promise.all([debianImage(), nodeImage()]) });
  console.log(`
A Kubernetes node is Ready, after ${((performance.now() - begun) / 1000).toFixed(1)} s.

  npm run cluster -- kubectl get pods --all-namespaces
  export KUBECONFIG=${cluster.kubeconfig}
  logs of its parts: ${join(cluster.node.folder, "log/parts")}

Ctrl-C ends it and removes it.
`);
  say(await Promise.race([stopped, cluster.node.ended.then(() => "the node was removed")]));
}

/** kubectl in the cluster that was started last. */
async function kubectl(args: string[]): Promise<number> {
  const age = (id: string) => statSync(join(nodesFolder, id)).birthtimeMs;
  const [newest] = nodes()
    .filter((id) => !id.startsWith("api-") && living(join(nodesFolder, id), "owner"))
    .sort((a, b) => age(b) - age(a));
  if (!newest) {
    console.error("no cluster runs: start one by `npm run cluster`");
    return 1;
  }
  const env = { ...process.env, KUBECONFIG: join(nodesFolder, newest, "kubeconfig") };
  return spawnSync(join(await goTools("node"), "kubectl"), args, { stdio: "inherit", env }).status ?? 1;
}

async function down(): Promise<void> {
  const removed = await removeAllNodes();
  say(removed.length === 0 ? "no node is there" : `removed ${removed.length === 1 ? "node" : "nodes"} ${removed.join(", ")}`);
}
