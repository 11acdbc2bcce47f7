import { hash } from "node:crypto";

/**
 * SHA-256 of what a client asked for: method, route, ids in the path, and the body with its keys in order. Two requests with the same
 * fingerprint ask for the same thing, however their JSON is written.
 */
export function fingerprint(asked: { method: string; route: string; ids: readonly string[]; body: unknown }): Buffer {
  return hash("sha256", `${asked.method}\n${asked.route}\n${asked.ids.join("\n")}\n${canonicalJson(asked.body)}`, "buffer");
}

/** JSON without blanks and with sorted keys. For validated values, which are shallow. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const fields = value as Record<string, unknown>;
  const names = Object.keys(fields).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(fields[name])}`).join(",")}}`;
}
