import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "../command.ts";
import { cacheFolder } from "./folders.ts";
import { lock } from "./lock.ts";
import { saying } from "./progress.ts";

// Debian package → a file that it brings.
const packages: Record<string, string> = {
  runc: "/usr/sbin/runc",
  "containernetworking-plugins": "/usr/lib/cni/bridge",
  nftables: "/usr/sbin/nft",
  conntrack: "/usr/sbin/conntrack",
  iptables: "/usr/sbin/iptables",
  ipset: "/usr/sbin/ipset",
  buildah: "/usr/bin/buildah",
  debootstrap: "/usr/sbin/debootstrap",
  "debian-archive-keyring": "/usr/share/keyrings/debian-archive-keyring.gpg",
  iproute2: "/usr/bin/ip",
  openssl: "/usr/bin/openssl",
  gcc: "/usr/bin/gcc",
  "libc6-dev": "/usr/include/stdlib.h",
};

export function missingPackages(): string[] {
  return Object.keys(packages).filter((name) => !existsSync(packages[name] ?? name));
}

/** Installs those of Debian's packages that the node needs and the machine lacks. No service is started by it. */
export async function installPackages(): Promise<void> {
  if (missingPackages().length === 0) return;
  await using _ = await lock("packages");
  const names = missingPackages();
  if (names.length === 0) return;
  await saying(`installing ${names.join(", ")}`, async () => {
    const log = join(cacheFolder, "packages.log");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args: string[]) => command("apt-get", ["-o", "DPkg::Lock::Timeout=600", "-q", ...args], { env, log });
    using _quiet = noServicesStart();
    await apt("update");
    await apt("install", "--yes", "--no-install-recommends", ...names);
  });
}

/** Debian's own switch: a `policy-rc.d` that ends with 101 forbids packages to start what they bring. One that is there already is left alone. */
function noServicesStart(): Disposable {
  const file = "/usr/sbin/policy-rc.d";
  const content = "#!/bin/sh\n# Here only while Satang installs packages for its tests.\nexit 101\n";
  const ours = !existsSync(file) || readFileSync(file, "utf8") === content; // ours: of a run that was killed
  if (ours) writeFileSync(file, content, { mode: 0o755 });
  return { [Symbol.dispose]: () => ours && rmSync(file, { force: true }) };
}
