import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "./build/folders.ts";
import { command } from "./command.ts";
import { eventually } from "./eventually.ts";
import { countCgroups } from "./node/cgroups.ts";

/** `npm run cluster`, Ready. */
interface Run {
  child: ChildProcess;
  ended: Promise<unknown>;
  /** Starts a pod in it and waits until it runs. */
  aPod(): Promise<void>;
}

/** What there is of the machine's nodes right now. */
interface Found {
  processes: string[];
  namespaces: string[];
  mounts: string[];
  cgroups: number;
  folders: string[];
}

/** A cache of its own, with links to what is built already: runs in it see, sweep and take down no node but theirs. */
export function aMachineOfOurOwn() {
  const home = mkdtempSync(join(tmpdir(), "satang-cache-"));
  const cache = join(home, "satang");
  mkdirSync(cache);
  const isBuilt = (name: string) => name.startsWith("bin-") || name === "debian" || name === "images";
  for (const built of readdirSync(cacheFolder).filter(isBuilt)) symlinkSync(join(cacheFolder, built), join(cache, built));
  const env = { ...process.env, XDG_CACHE_HOME: home };
  const program = join(import.meta.dirname, "main.ts");
  const ids = new Set<string>();
  const namespaces = new Set<string>();

  const main = (...args: string[]) => command(process.execPath, [program, ...args], { env });
  const begin = () => {
    const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "inherit"] });
    return { child, ended: new Promise((resolve) => child.once("close", resolve)) };
  };
  const found = (): Found => {
    const folders = existsSync(join(cache, "nodes")) ? readdirSync(join(cache, "nodes")) : [];
    for (const id of folders) ids.add(id);
    const all = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid));
    const processes = all.filter((pid) => isOf(pid, home, ids));
    for (const pid of processes)
      namespaces
        .add(linkOf(`/proc/${pid}/ns/net`))
        .add(linkOf(`/proc/${pid}/ns/pid`))
        .add(linkOf(`/proc/${pid}/ns/mnt`));
    const others = new Set(["net", "pid", "mnt"].map((kind) => linkOf(`/proc/self/ns/${kind}`)).concat("")); // the machine's own
    const held = new Set(all.flatMap((pid) => ["net", "pid", "mnt"].map((kind) => linkOf(`/proc/${pid}/ns/${kind}`))));
    // What is gone is forgotten: the kernel gives its number to a stranger's namespace, and other nodes may run on the machine.
    for (const namespace of namespaces) if (!held.has(namespace) || others.has(namespace)) namespaces.delete(namespace);
    return {
      processes: processes.map(commandOf),
      namespaces: [...namespaces],
      mounts: readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .filter((line) => line.includes(home)),
      cgroups: [...ids].reduce((sum, id) => sum + countCgroups(id), 0),
      folders,
    };
  };
  return {
    main,
    found,
    async run(): Promise<Run> {
      const run = begin();
      let said = "";
      run.child.stdout?.on("data", (text) => {
        said += text;
      });
      await eventually(
        () => {
          if (!said.includes("is Ready")) throw new Error(`the node is not Ready: ${said}`);
        },
        { withinSeconds: 120 },
      );
      return { ...run, aPod: () => aPod(main, env, program) };
    },
    async killedAfter(ms: number): Promise<void> {
      const run = begin();
      run.child.stdout?.resume();
      setTimeout(() => run.child.kill("SIGKILL"), ms);
      await run.ended;
    },
    async [Symbol.asyncDispose]() {
      await main("down");
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function aPod(main: (...args: string[]) => Promise<string>, env: NodeJS.ProcessEnv, program: string): Promise<void> {
  const container = {
    name: "main",
    image: "docker.io/library/debian:trixie-slim",
    imagePullPolicy: "IfNotPresent",
    command: ["sleep", "infinity"],
  };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "idle", namespace: "default" }, spec: { containers: [container] } };
  const apply = () => command(process.execPath, [program, "kubectl", "apply", "--filename", "-"], { env, input: JSON.stringify(pod) });
  await eventually(apply, { withinSeconds: 20 }); // refused until the namespace has its service account
  await main("kubectl", "wait", "pod/idle", "--for=condition=Ready", "--timeout=60s");
}

/** A part by its command's path, a pod's process by its cgroup. */
function isOf(pid: string, home: string, ids: Set<string>): boolean {
  if (pid === String(process.pid)) return false;
  const cgroups = contentOf(`/proc/${pid}/cgroup`);
  return commandOf(pid).includes(home) || [...ids].some((id) => cgroups.includes(`/satang/${id}`));
}

const commandOf = (pid: string): string => contentOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();

function contentOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended since we listed it
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
