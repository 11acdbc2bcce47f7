import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Who listens on a TCP port of this machine: `"node server.js" (pid 812)`. `undefined` where the system does not tell. */
export function ownerOf(port: number): string | undefined {
  const inodes = new Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) => listenersIn(table, port)));
  if (inodes.size === 0) return undefined;
  const pid = pidsOf().find((pid) => socketsOf(pid).some((inode) => inodes.has(inode)));
  if (pid === undefined) return undefined; // another user's process
  const command = (read(`/proc/${pid}/cmdline`) ?? "").split("\0").filter(Boolean).join(" ");
  return `"${command.length > 60 ? `${command.slice(0, 57)}...` : command}" (pid ${pid})`;
}

function listenersIn(table: string, port: number): string[] {
  const listening = "0A";
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = (read(table) ?? "").trim().split("\n").slice(1);
  return rows.flatMap((row) => {
    const [, local, , state, , , , , , inode] = row.trim().split(/\s+/);
    return local?.endsWith(`:${wanted}`) && state === listening && inode ? [inode] : [];
  });
}

const pidsOf = () => readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));

function socketsOf(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const target = link(`/proc/${pid}/fd/${fd}`);
      return target?.startsWith("socket:[") ? [target.slice("socket:[".length, -1)] : [];
    });
  } catch {
    return []; // not ours to look into, or gone meanwhile
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
