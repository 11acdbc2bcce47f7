import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { missingPackages } from "./packages.ts";

export interface Machine {
  platform: string;
  root: boolean;
  go: boolean;
  apt: boolean;
  /** Debian packages that are not installed. */
  packages: string[];
  kubeconfig: boolean;
}

/** What keeps this machine from having a cluster for tests, in a few words; undefined if nothing does. */
export function missing(machine: Machine): string | undefined {
  if (machine.kubeconfig) return undefined; // a cluster that is there needs nothing of this machine
  if (machine.platform !== "linux") return `Linux (this is ${machine.platform})`;
  if (!machine.root) return "root";
  if (!machine.go) return "Go on the PATH or in /usr/local/go/bin";
  if (!machine.apt && machine.packages.length > 0)
    return `these commands, which have no apt-get to come from: ${machine.packages.join(", ")}`;
  return undefined;
}

export function thisMachine(): Machine {
  return {
    platform: process.platform,
    root: process.getuid?.() === 0,
    go: goCommand() !== undefined,
    apt: onPath("apt-get") !== undefined,
    packages: missingPackages(),
    kubeconfig: Boolean(process.env.SATANG_TEST_KUBECONFIG),
  };
}

export function goCommand(): string | undefined {
  return onPath("go") ?? ["/usr/local/go/bin/go", "/usr/lib/go/bin/go"].find(existsSync);
}

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(existsSync);
}
