import { readFileSync, renameSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { command } from "../command.ts";
import { cached, keyOf } from "./cached.ts";
import { goCommand } from "./missing.ts";
import { saying } from "./progress.ts";

/** What is built of each module in `modules/`, whose version is told, and how long it takes on 2 cores. */
const modules = {
  node: { what: "Kubernetes", version: "k8s.io/kubernetes", minutes: 10 }, // with etcd, containerd, CoreDNS and metrics-server
  helm: { what: "Helm", version: "helm.sh/helm/v4", minutes: 2 },
  "kube-router": { what: "kube-router", version: "github.com/cloudnativelabs/kube-router/v2", minutes: 2 }, // after `node`; enforces NetworkPolicies
  helm3: { what: "Helm", version: "helm.sh/helm/v3", minutes: 1 }, // after `helm`, from whose build most of it is there
} as const;

export type Module = keyof typeof modules;

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
  const { what, version, minutes } = modules[module];
  const expected = `once; about ${minutes} min on 2 cores, this machine has ${availableParallelism()}`;
  return cached(`bin-${module}`, key, (target) =>
    saying(`building ${what} ${pinned(module, version)} (${expected})`, async (report) => {
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

const flags = (module: Module): string[] => ["-trimpath", `-ldflags=${["-s -w", ...stamps(module)].join(" ")}`];

/** What the projects' own releases link in: without it Kubernetes has no version, and Helm 3 takes a cluster that it is not told of for 1.20. */
function stamps(module: Module): string[] {
  if (module === "node") {
    const [gitMajor = "", gitMinor = ""] = kubernetesVersion().slice(1).split(".");
    return linked("k8s.io/component-base/version", { gitVersion: kubernetesVersion(), gitMajor, gitMinor, gitTreeState: "clean" });
  }
  if (module === "helm3") {
    const [, k8sVersionMinor = ""] = pinned(module, "k8s.io/client-go").split("."); // 0.37 is that of Kubernetes 1.37
    return ["chartutil", "lint/rules"].flatMap((part) => linked(`helm.sh/helm/v3/pkg/${part}`, { k8sVersionMajor: "1", k8sVersionMinor }));
  }
  return [];
}

const linked = (path: string, variables: Record<string, string>): string[] =>
  Object.entries(variables).map(([name, value]) => `-X ${path}.${name}=${value}`);
