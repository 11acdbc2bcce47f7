import { readFileSync, renameSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { command } from "../command.ts";
import { cached, keyOf } from "./cached.ts";
import { goCommand } from "./missing.ts";
import { saying } from "./progress.ts";

/** The modules in `modules/`: `node` is Kubernetes, etcd, containerd, CoreDNS and metrics-server; `helm` is Helm. */
export type Module = "node" | "helm";

export const moduleFolder = (module: Module): string => join(import.meta.dirname, "../modules", module);

/** The version of a dependency, as go.mod pins it. */
export function pinned(module: Module, dependency: string): string {
  const found = readFileSync(join(moduleFolder(module), "go.mod"), "utf8").match(new RegExp(`^\\s*${dependency} (v\\S+)`, "m"));
  if (!found?.[1]) throw new Error(`modules/${module}/go.mod does not name ${dependency}`);
  return found[1];
}

/** The folder of the commands that the module's go.mod names as tools. go.sum vouches for every byte that they are built from. */
export function goTools(module: Module): Promise<string> {
  const folder = moduleFolder(module);
  const key = keyOf(readFileSync(join(folder, "go.mod")), readFileSync(join(folder, "go.sum")), flags(module).join(" "));
  const what =
    module === "helm"
      ? `building Helm ${pinned("helm", "helm.sh/helm/v4")}`
      : `building Kubernetes ${kubernetesVersion()} and its neighbours`;
  const expected = `once; about ${module === "helm" ? 2 : 10} minutes on 2 cores, this machine has ${availableParallelism()}`;
  return cached(`bin-${module}`, key, (target) =>
    saying(`${what} (${expected})`, async (report) => {
      const go = goCommand() ?? "go";
      const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false", GOWORK: "off" };
      const packages = (await command(go, ["list", "-deps", "tool"], { cwd: folder, env })).trim().split("\n").length;
      let compiled = 0; // fewer than `packages` where Go's own build cache knows some
      const onLine = () => report(`${++compiled} of at most ${packages} packages compiled`);
      await command(go, ["build", "-v", ...flags(module), "-o", `${target}/`, "tool"], { cwd: folder, env, onLine });
      if (module === "node") renameSync(join(target, "server"), join(target, "etcd")); // named after the last part of its path
    }),
  );
}

export const kubernetesVersion = (): string => pinned("node", "k8s.io/kubernetes");

function flags(module: Module): string[] {
  const [major, minor] = kubernetesVersion().slice(1).split(".");
  const version = { gitVersion: kubernetesVersion(), gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  const stamps = Object.entries(version).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return ["-trimpath", `-ldflags=-s -w ${module === "node" ? stamps.join(" ") : ""}`.trim()];
}
