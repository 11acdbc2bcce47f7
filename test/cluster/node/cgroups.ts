import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { eventually } from "../eventually.ts";

const root = "/sys/fs/cgroup";

/** The cgroup under which the node's kubelet puts its pods; one in each hierarchy, where they are many (cgroup v1). */
export const cgroupOf = (id: string): string => `/satang/${id}`;

/**
 * Makes it, and one for the node's own processes. When all cores are taken these get 1024 shares together, as systemd gives them, and
 * the pods what the kubelet gives them, 1024 a core. Without that each thread of the kubelet would count as much as all pods.
 */
export function makeCgroups(id: string): void {
  for (const hierarchy of hierarchies()) {
    mkdirSync(join(hierarchy, cgroupOf(id)), { recursive: true });
    if (hierarchy !== root) continue;
    const controllers = readFileSync(join(root, "cgroup.controllers"), "utf8").trim().split(" ");
    for (const parent of [root, join(root, "satang"), join(root, cgroupOf(id))]) {
      writeFileSync(join(parent, "cgroup.subtree_control"), controllers.map((controller) => `+${controller}`).join(" "));
    }
  }
  const system = systemOf(id);
  mkdirSync(system);
  share(system, 1024);
  for (const whole of [join(system, ".."), join(system, "../..")]) share(whole, 1024 * (1 + availableParallelism()));
}

/** The words before a command that make it one of the node's own processes. */
export const enterSystem = (id: string): string[] => ["sh", "-euc", `echo $$ > ${systemOf(id)}/cgroup.procs; exec "$@"`, "sh"];

/** In the hierarchy that deals out the cores. */
const systemOf = (id: string): string => join(cores(), cgroupOf(id), "system");

const cores = (): string => hierarchies().find((hierarchy) => hierarchy === root || existsSync(join(hierarchy, "cpu.shares")))!;

function share(cgroup: string, shares: number): void {
  if (cores() !== root) writeFileSync(join(cgroup, "cpu.shares"), String(shares));
  else writeFileSync(join(cgroup, "cpu.weight"), String(1 + Math.floor(((shares - 2) * 9_999) / 262_142))); // as the kubelet does
}

/** Removes them once the node's processes have ended. */
export async function removeCgroups(id: string): Promise<void> {
  for (const hierarchy of hierarchies()) {
    const ours = join(hierarchy, cgroupOf(id));
    await eventually(() => existsSync(ours) && removeTree(ours), { withinSeconds: 20, everyMs: 50 }); // busy until the kernel has buried the last process
    try {
      rmdirSync(join(hierarchy, "satang"));
    } catch {} // another node has its cgroups there, or it never was
  }
}

/** How many cgroups of nodes there are, in all hierarchies. */
export function countCgroups(id = ""): number {
  const count = (path: string): number => (existsSync(path) ? 1 + children(path).reduce((sum, child) => sum + count(child), 0) : 0);
  return hierarchies().reduce((sum, hierarchy) => sum + count(join(hierarchy, "satang", id)), 0);
}

function hierarchies(): string[] {
  if (existsSync(join(root, "cgroup.controllers"))) return [root]; // v2
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, "cgroup.procs"))) // links name hierarchies a second time
    .map((entry) => join(root, entry.name));
}

function removeTree(path: string): void {
  for (const child of children(path)) removeTree(child);
  rmdirSync(path);
}

const children = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name));
