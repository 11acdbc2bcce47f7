import { z } from "zod";
import { quoted, type Rule, ruled } from "./rule.ts";

/** Texts by key, at most `most` of them; `examples` are whole maps. */
export function texts(
  most: number,
  longest: number,
  examples: readonly Record<string, string>[],
  ...rules: readonly Rule<Record<string, string>>[]
) {
  const map = z
    .record(z.string(), z.string().max(longest))
    .refine((entries) => Object.keys(entries).length <= most, `must have ${most} entries or fewer`)
    .meta({ maxProperties: most, examples });
  return ruled(map, ...rules).default({});
}

/** The same, with the keys of annotations. */
export const annotations = (examples: readonly Record<string, string>[], what: string) =>
  texts(20, 1000, examples, metadataKeys).describe(what);

const metadataKey = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?[/])?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const metadataKeys: Rule<Record<string, string>> = {
  cel: `self.all(key, key.matches(${quoted(metadataKey)}))`,
  holds: (self) => Object.keys(self).every((key) => metadataKey.test(key)),
  message: "has a key that cannot be: write name or example.com/name, of letters, digits, -, _ and .",
};
