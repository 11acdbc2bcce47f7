import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** A user of this machine by number. */
export type ServerUser = { readonly name: string; readonly uid: number; readonly gid: number };

/** As whom a database server runs when we are root, whom it refuses: `postgres`, else `nobody`. `undefined`: as ourselves. */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8").split("\n").map(userOf);
  return (
    users.find((user) => user?.name === "postgres") ??
    users.find((user) => user?.name === "nobody") ?? { name: "nobody", uid: 65_534, gid: 65_534 }
  );
}

/** Whether a user gets to a folder: every folder above it, and the folder itself, lets him through. */
export function canReach(user: ServerUser, folder: string): boolean {
  if (!letsThrough(user, folder)) return false;
  return folder === dirname(folder) || canReach(user, dirname(folder));
}

function letsThrough({ uid, gid }: ServerUser, folder: string): boolean {
  const { mode, uid: owner, gid: group } = statSync(folder);
  if (owner === uid) return (mode & 0o100) !== 0;
  if (group === gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

function userOf(row: string): ServerUser | undefined {
  const [name, , uid, gid] = row.split(":");
  return name ? { name, uid: Number(uid), gid: Number(gid) } : undefined;
}
