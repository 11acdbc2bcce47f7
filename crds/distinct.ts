import type { Rule } from "./rule.ts";

/**
 * No item twice: by itself, or by `key`. A rule, and not the list's type (`set`, `map`): lists of those types are merged by server-side
 * apply, so that a default pool would stay beside the pools that somebody applies instead.
 */
export function distinct(message: string, key?: string): Rule<readonly unknown[]> {
  const told = (item: unknown): unknown => (key === undefined ? item : (item as Record<string, unknown>)[key]);
  const same = key === undefined ? "other == one" : `other.${key} == one.${key}`;
  return {
    cel: `self.all(one, self.exists_one(other, ${same}))`,
    holds: (items) => new Set(items.map(told)).size === items.length,
    message,
  };
}
