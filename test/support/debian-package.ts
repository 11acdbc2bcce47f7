import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const policy = "/usr/sbin/policy-rc.d";

/**
 * Sees to it that this machine has one of some programs: installs Debian's package where we are root, and says what to do where we are not.
 * No service is started.
 */
export function needProgram({
  names,
  debian,
  brew = debian,
  why,
}: {
  names: readonly string[];
  debian: string;
  brew?: string;
  why: string;
}): void {
  if (names.some(has)) return;
  if (process.getuid?.() !== 0 || !has("apt-get"))
    throw new Error(`${why}, and there is no ${names[0]} on the PATH: sudo apt-get install ${debian} (or brew install ${brew})`);
  withoutServices(() => {
    apt("update");
    apt("install", "--yes", "--no-install-recommends", debian);
  });
}

function apt(...args: string[]): void {
  const waitForOthers = ["-o", "DPkg::Lock::Timeout=600", "-q"];
  execFileSync("apt-get", [...waitForOthers, ...args], { stdio: "ignore", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
}

// Debian starts a server as soon as it is installed, unless this file says no.
function withoutServices(act: () => void): void {
  const made = !existsSync(policy);
  if (made) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    act();
  } finally {
    if (made) rmSync(policy);
  }
}

const has = (program: string): boolean => (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
