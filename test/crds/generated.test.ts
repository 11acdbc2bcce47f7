import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { definitionYaml } from "../../crds/definition-yaml.ts";
import { reference } from "../../crds/reference.ts";

const committed = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test.each([
  ["crds/payment-system.yaml", definitionYaml],
  ["docs/custom-resource.md", reference],
])("%s is what the schemas make of it today (if not: npm run generate)", (path, made) => {
  expect(committed(path)).toBe(made());
});

test("the definition is under 100 KB", () => {
  expect(definitionYaml().length).toBeLessThan(100_000);
});
