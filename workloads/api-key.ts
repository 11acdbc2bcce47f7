import { hash, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

/** `sk` may do everything that a merchant may, `rk` what its scopes say, `ak` runs the system: merchants, their keys, the audit log. */
export const apiKeyKinds = ["sk", "rk", "ak"] as const;
export type ApiKeyKind = (typeof apiKeyKinds)[number];
type Mode = "test" | "live";

/** What a key says of itself. Whether anybody has it, only the store knows. */
export type ApiKey = { readonly kind: ApiKeyKind; readonly mode: Mode };

/**
 * A new key, `sk_test_` and 36 letters: 30 at random (178 bits) and 6 that are the checksum of all before them, as GitHub's tokens have it.
 * Scanners know it by its prefix, and a misspelt one is known without a look at the store.
 */
export function newApiKey(kind: ApiKeyKind, mode: Mode): string {
  const said = `${kind}_${mode}_${Array.from({ length: randomLetters }, () => base62[randomInt(62)]).join("")}`;
  return said + checksumOf(said);
}

/** What a key says of itself; `undefined` when it is none, or was not copied as it is. */
export function readApiKey(key: string): ApiKey | undefined {
  const [, said, kind, mode, checksum] = form.exec(key) ?? [];
  if (said === undefined || checksum !== checksumOf(said)) return undefined;
  return { kind: kind as ApiKeyKind, mode: mode as Mode };
}

/** What is kept of a key: enough to know it, not enough to use it. A slow hash would add nothing to 178 random bits. */
export const apiKeyHash = (key: string): string => hash("sha256", key, "hex");

/** How a key begins, for people who have several: `sk_test_Ab3d…`. */
export const apiKeyHint = (key: string): string => `${key.slice(0, "sk_test_".length + 4)}…`;

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const randomLetters = 30;
const form = /^((sk|rk|ak)_(test|live)_[0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;

function checksumOf(text: string): string {
  let left = crc32(text);
  let letters = "";
  for (let i = 0; i < 6; i++) {
    letters = base62[left % 62] + letters;
    left = Math.floor(left / 62);
  }
  return letters;
}
