import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheFolder, nodesFolder } from "./build/folders.ts";
import { startCluster } from "./cluster.ts";
import { onOwnNode } from "./cluster-tests.ts";
import { command } from "./command.ts";
import { eventually } from "./eventually.ts";
import { countCgroups } from "./node/cgroups.ts";
import { nodes, removeNode } from "./node/sweep.ts";

const main = join(import.meta.dirname, "main.ts");

onOwnNode("a node that ends", () => {
  test("leaves no process, mount, namespace or cgroup behind, nor its folder", async () => {
    const before = leftOvers();
    const run = await startedByAPerson();
    expect(leftOvers()).not.toEqual(before);

    await removeNode(run.id); // what `down` does to each node; here only to ours, as another run may have its own
    await run.ended;

    expect(leftOvers()).toEqual(before);
    expect(countCgroups(run.id)).toBe(0);
  });

  test("ends with its pods when its run is killed by SIGKILL, and the next start clears up the rest", async () => {
    const before = leftOvers();
    const run = await startedByAPerson();
    run.child.kill("SIGKILL");
    await run.ended;
    await eventually(() => expect(leftOvers().processes).toEqual(before.processes), { withinSeconds: 10 });

    {
      await using cluster = await startCluster();
      expect(await cluster.kubectl("get", "nodes", "--output=name")).toBe("node/node\n");
    }

    expect(existsSync(join(nodesFolder, run.id))).toBe(false);
    expect(leftOvers()).toEqual(before);
  });

  test("can have its run killed at any moment of the start", async () => {
    const before = leftOvers();
    for (const afterMs of [300, 700, 1500, 3000]) {
      const child = spawn(process.execPath, [main], { stdio: "ignore" });
      const ended = new Promise((resolve) => child.once("close", resolve));
      setTimeout(() => child.kill("SIGKILL"), afterMs);
      await ended;
    }

    {
      await using cluster = await startCluster();
      expect(await cluster.kubectl("get", "nodes", "--output=name")).toBe("node/node\n");
    }

    await eventually(() => expect(leftOvers()).toEqual(before), { withinSeconds: 10 });
  });

  test("does not disturb another that runs at the same time", async () => {
    await using one = await startCluster();
    {
      await using other = await startCluster();
      expect(other.node.folder).not.toBe(one.node.folder);
    }

    expect(await one.kubectl("get", "nodes", "--output=name")).toBe("node/node\n");
  });
});

interface Run {
  child: ChildProcess;
  id: string;
  ended: Promise<unknown>;
}

/** `npm run cluster`, once it is Ready and has a pod's sandbox running. */
async function startedByAPerson(): Promise<Run> {
  const had = new Set(nodes());
  const child = spawn(process.execPath, [main], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let said = "";
  child.stdout?.on("data", (text) => {
    said += text;
  });
  await eventually(() => expect(said).toContain("is Ready"));
  const id = nodes().find((node) => !had.has(node) && said.includes(node));
  if (!id) throw new Error(`no node is named in: ${said}`);
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "idle", namespace: "default" },
    spec: { terminationGracePeriodSeconds: 0, containers: [idleContainer] },
  };
  const kubectl = (args: string[], input?: string) =>
    command(process.execPath, [main, "kubectl", ...args], input === undefined ? {} : { input });
  await kubectl(["apply", "-f", "-"], JSON.stringify(pod));
  await kubectl(["wait", "pod/idle", "--for=condition=Ready", "--timeout=30s"]);
  return { child, id, ended };
}

const idleContainer = {
  name: "main",
  image: "docker.io/library/debian:trixie-slim",
  imagePullPolicy: "IfNotPresent",
  command: ["sleep", "infinity"],
};

/** What there is on this machine of nodes: counted by names, whoever started them. */
function leftOvers() {
  const processes = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid));
  const of = processes.filter((pid) => /bin-node|containerd-shim|pause$/.test(commandOf(pid)));
  const namespaces = new Set(
    processes.flatMap((pid) => ["net", "mnt", "pid", "ipc", "uts"].map((kind) => linkOf(`/proc/${pid}/ns/${kind}`))),
  );
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(cacheFolder) || line.includes("cni-"));
  return { processes: of.length, namespaces: namespaces.size, mounts: mounts.length, cgroups: countCgroups(), folders: nodes().length };
}

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0] ?? "";
  } catch {
    return ""; // it has ended since we listed it
  }
};

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
};
