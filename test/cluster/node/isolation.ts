import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { birthOf } from "./owner.ts";

/** Namespaces of a node's own, and what enters them. */
export interface Isolation {
  /** The first process in them, by its number on the host. */
  first: number;
  /** The words before a command that make it run inside. */
  enter: string[];
  /** Resolves when they are gone, whoever ended them. */
  ended: Promise<void>;
  end(): Promise<void>;
}

/**
 * Network, mount, process, IPC and host-name namespaces that live as long as their first process does. It is killed when
 * we end, on whatever line and by whatever signal; and the kernel then kills every process inside and takes back every mount,
 * interface and pod namespace. So a node needs no clearing up but its cgroups and its folder.
 */
export async function isolate(folder: string): Promise<Isolation> {
  for (const name of ["lib", "log"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "resolv.conf"), "nameserver 10.96.0.10\n");
  const namespaces = ["--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"];
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "unshare", ...namespaces, "bash", "-euc", firstProcess], {
    env: { ...process.env, FOLDER: folder },
    stdio: ["pipe", "pipe", openSync(join(folder, "first-process.log"), "a")],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await firstLine(child);
  const first = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim());
  writeFileSync(join(folder, "first-process"), JSON.stringify({ pid: first, birth: birthOf(first) }));
  return {
    first,
    enter: ["nsenter", `--target=${first}`, "--mount", "--net", "--pid", "--ipc", "--uts", "--"],
    ended,
    async end() {
      child.kill("SIGKILL"); // and --kill-child takes the first process along
      await ended;
    },
  };
}

// Kubernetes' usual folders are the node's own, seen from the host under its folder; sockets and mounts live on a /run that nobody else sees.
// The loop at the end does nothing but live, and reap what loses its parent; it ends when our end of its input closes.
const firstProcess = `
mount --bind "$FOLDER/lib" /var/lib
mount --bind "$FOLDER/log" /var/log
resolv=$(readlink --canonicalize-missing /etc/resolv.conf)
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock "$(dirname "$resolv")"
touch "$resolv"
mount --bind "$FOLDER/resolv.conf" "$resolv"
mount --make-rshared / # after these mounts, or what is mounted below one of them would be mounted twice
hostname node
echo ready
while read -r _; do :; done
`;

function firstLine(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`the node's namespaces could not be made (${code}); first-process.log says why`)));
    child.stdout?.once("data", () => resolve());
  });
}
