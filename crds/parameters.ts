import { quoted, texts } from "./field.ts";
import type { Rule } from "./rule.ts";

const parameterName = /^[a-z][a-z0-9._-]{0,62}$/;

/** Settings of a server by name, but those that Satang answers for. */
export function parameters(server: string, ours: readonly string[], example: Record<string, string>) {
  const named: Rule<Record<string, string>> = {
    cel: `self.all(name, name.matches(${quoted(parameterName)}))`,
    holds: (self) => Object.keys(self).every((name) => parameterName.test(name)),
    message: `names something that is no setting of ${server}: write names in lower case, such as ${Object.keys(example)[0]}`,
  };
  const free: Rule<Record<string, string>> = {
    cel: `[${ours.map((name) => `'${name}'`).join(", ")}].all(name, !(name in self))`,
    holds: (self) => ours.every((name) => !Object.hasOwn(self, name)),
    message: `sets what Satang itself must decide: take out ${ours.join(", ")}`,
  };
  return texts(50, 500, [example], named, free).describe(
    `Settings of ${server} by name; values in quotes. What durability and failover stand on cannot be set.`,
  );
}
