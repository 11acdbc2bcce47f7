import { quoted, type Rule } from "./rule.ts";
import { texts } from "./texts.ts";

const parameterName = /^[a-z][a-z0-9._-]{0,62}$/;
const plainText = /^[ -~]*$/; // a line break would begin another setting in a file

/** Settings of a server by name, but those that Satang answers for. */
export function parameters(server: string, ours: readonly string[], example: Record<string, string>) {
  const named: Rule<Record<string, string>> = {
    cel: `self.all(name, name.matches(${quoted(parameterName)}))`,
    holds: (self) => Object.keys(self).every((name) => parameterName.test(name)),
    message: `names something that is no setting of ${server}: write names in lower case, such as ${Object.keys(example)[0]}`,
  };
  const plain: Rule<Record<string, string>> = {
    cel: `self.all(name, self[name].matches(${quoted(plainText)}))`,
    holds: (self) => Object.values(self).every((value) => plainText.test(value)),
    message: "has a value with a line break or a character beyond ASCII: write it in plain characters, on one line",
  };
  const free: Rule<Record<string, string>> = {
    cel: `[${ours.map((name) => `'${name}'`).join(", ")}].all(name, !(name in self))`,
    holds: (self) => ours.every((name) => !Object.hasOwn(self, name)),
    message: `sets what Satang itself must decide: take out ${ours.join(", ")}`,
  };
  return texts(50, 500, [example], named, plain, free).describe(
    `Settings of ${server} by name; values in quotes. What durability and failover stand on cannot be set.`,
  );
}
