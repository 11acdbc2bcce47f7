import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { missing, thisMachine } from "../../cluster/build/missing.ts";
import { needProgram } from "../../support/debian-package.ts";

const folder = new URL("../../../charts/argo-cd/", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, folder), "utf8");
const { tests } = parse(read("health_test.yaml")) as { tests: { healthStatus: object; inputPath: string }[] };

describe.skipIf(missing(thisMachine()) !== undefined)("Argo CD's health of a PaymentSystem", () => {
  beforeAll(() => needProgram({ names: ["lua5.4"], debian: "lua5.4", brew: "lua", why: "Argo CD judges health by Lua" }));

  test.each(tests)("of $inputPath is $healthStatus", ({ healthStatus, inputPath }) => {
    expect(healthOf(parse(read(inputPath)))).toEqual(healthStatus);
  });

  test("is one of the five words of Argo CD whatever the resource looks like", () => {
    for (const status of [
      undefined,
      {},
      { conditions: [] },
      { observedGeneration: 1 },
      { observedGeneration: 1, conditions: [{ type: "Paused" }] },
    ])
      expect(healthOf({ metadata: { generation: 1 }, spec: {}, status })).toMatchObject({ status: "Progressing" });
  });
});

function healthOf(resource: object): object {
  const program = `obj = ${luaOf(resource)}\nlocal health = (function()\n${read("health.lua")}\nend)()\nio.write(health.status, "\\n", health.message)`;
  const [status, ...message] = execFileSync("lua5.4", ["-"], { input: program, encoding: "utf8" }).split("\n");
  return { status, message: message.join("\n") };
}

/** A value as Lua writes it. */
function luaOf(value: unknown): string {
  if (Array.isArray(value)) return `{${value.map(luaOf).join(", ")}}`;
  if (typeof value !== "object" || value === null) return value === undefined || value === null ? "nil" : JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `[${JSON.stringify(key)}] = ${luaOf(one)}`)
    .join(", ")}}`;
}
