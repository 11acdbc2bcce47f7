import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import { Refusal } from "../local/refusal.ts";
import { installationObjects } from "./installation.ts";
import { optionsOf, usage } from "./options.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

try {
  const options = optionsOf(process.argv.slice(2));
  process.stdout.write(options === "help" ? usage : yamlOf(installationObjects({ ...options, version })));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function yamlOf(objects: readonly object[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");
}
