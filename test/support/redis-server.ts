import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const policy = "/usr/sbin/policy-rc.d";

/** Sees to it that this machine has a Redis to start: installs Debian's where we are root, and says what to do where we are not. */
export function needRedisServer(): void {
  if (has("redis-server") || has("valkey-server")) return;
  if (process.getuid?.() !== 0 || !has("apt-get")) {
    throw new Error("these tests start a Redis, and there is none on the PATH: sudo apt-get install redis-server (or brew install redis)");
  }
  withoutServices(() => {
    apt("update");
    apt("install", "--yes", "--no-install-recommends", "redis-server");
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
