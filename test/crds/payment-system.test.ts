import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { customResourceDefinition } from "../../crds/definition.ts";
import { parsePaymentSystem } from "../../crds/parse-payment-system.ts";
import type { StructuralSchema } from "../../crds/structural-schema.ts";
import { validate } from "../../crds/validate.ts";
import { queueNames } from "../../crds/workers.ts";
import { queues as operationQueues } from "../../workloads/payment/operation.ts";
import { badExamples, queues } from "./bad-examples.ts";

const resource = (spec: string) => `apiVersion: satang.dev/v1alpha1\nkind: PaymentSystem\nmetadata: {name: shop}\nspec: ${spec}\n`;

function problemsOf(source: string | object): string[] {
  const parsed = parsePaymentSystem(source);
  return "problems" in parsed ? parsed.problems.map(({ path, message }) => `${path} ${message}`) : [];
}

describe("a PaymentSystem", () => {
  test("with an empty spec is a small working system", () => {
    const parsed = parsePaymentSystem(resource("{}"));

    expect(parsed).toMatchObject({
      system: {
        spec: {
          mode: "test",
          api: { replicas: { min: 2, max: 10 }, admission: { maxWaitSeconds: 60 } },
          workers: [
            { name: "payments", queues: ["payments", "refunds"], concurrency: 50, replicas: { min: 1, max: 20 } },
            { name: "webhooks", queues: ["webhooks"], concurrency: 50, replicas: { min: 1, max: 20 } },
          ],
          postgres: { backend: "managed", instances: 3, durability: "required", storage: { size: "10Gi" } },
          providers: [{ name: "simulator", kind: "simulator" }],
          paused: false,
        },
      },
    });
  });

  test("keeps what it says and fills in the rest", () => {
    const parsed = parsePaymentSystem(resource("{workers: [{name: all, queues: [refunds, webhooks, payments], concurrency: 5}]}"));

    expect(parsed).toMatchObject({ system: { spec: { workers: [{ name: "all", concurrency: 5, queueDepthPerReplica: 100 }] } } });
  });

  test("takes an empty field for one that is left out, and reads no status, as an API server does", () => {
    const written = `${resource("{api: , workers: , postgres: {parameters: {work_mem: }, storage: {className: }}}")}status: {version: 1}\n`;

    expect(parsePaymentSystem(written)).toEqual(parsePaymentSystem(resource("{}")));
  });

  test("that is stored may have fields of a newer version, which are passed over; the rules are kept all the same", () => {
    const newer = `{later: {field: 1}, postgres: {later: 2}, workers: [{name: all, queues: [${queues}], later: 3}]`;

    expect(validate(parse(resource(`${newer}}`)))).toEqual(parsePaymentSystem(resource(`{workers: [{name: all, queues: [${queues}]}]}`)));
    expect(validate(parse(resource(`${newer}, mode: live}`)))).toMatchObject({ problems: [{ path: "spec.mode" }] });
    expect(problemsOf(resource(`${newer}}`))[0]).toContain("has no field");
  });

  test("names every problem with its path", () => {
    const problems = problemsOf(resource("{mode: prod, api: {replicas: {min: 3, max: 2}, cpu: 1}, paused: 1, redis: {replicas: 1.5}}"));

    expect(problems).toEqual([
      "spec.mode must be test or live",
      "spec.api.replicas.max is below min: raise max or lower min",
      'spec.api has no field "cpu": check the spelling, or take it out',
      "spec.redis.replicas must be a whole number",
      "spec.paused must be of type boolean",
    ]);
  });

  test.each(badExamples)("refuses $what and says what to do", ({ spec, path, message }) => {
    expect(problemsOf(resource(spec))).toEqual([expect.stringContaining(`${path} ${message}`)]);
  });

  test.each([
    ["a queue that does not exist", "{workers: [{name: a, queues: [payments, payouts]}]}", "spec.workers[0].queues[1] must be payments or"],
    ["no pools", "{workers: []}", "spec.workers must be 1 or more items"],
    ["too many replicas", "{api: {replicas: {max: 101}}}", "spec.api.replicas.max must be 100 or less"],
    ["too long a text", `{image: ${"a".repeat(501)}}`, "spec.image must be 500 or less characters"],
    ["no spec", "", "spec must be of type object and is missing"],
  ])("refuses %s, in words of its own", (_, spec, problem) => {
    expect(problemsOf(resource(spec))[0]).toContain(problem);
  });

  test("is told apart from another resource, from text that is not YAML, and from an alias bomb", () => {
    expect(problemsOf("apiVersion: v1\nkind: ConfigMap\n")).toEqual(['kind must be PaymentSystem, not "ConfigMap"']);
    expect(problemsOf({ apiVersion: "satang.dev/v2", kind: "PaymentSystem" })).toEqual([
      'apiVersion must be satang.dev/v1alpha1, not "satang.dev/v2"',
    ]);
    expect(problemsOf("a: [1")[0]).toMatch(/^ not YAML: .+ at line 1/);
    expect(problemsOf("just words")[0]).toContain("must be a resource with apiVersion");
    expect(problemsOf("")[0]).toContain("must be a resource with apiVersion");
    const bomb = `a: &a [x]\n${"bcdefghijkl".replace(/./g, (letter, i) => `${letter}: &${letter} [${Array(9).fill(`*${i ? "abcdefghijkl"[i] : "a"}`)}]\n`)}`;
    expect(problemsOf(bomb)[0]).toContain("not YAML that can be read");
  });

  test("describes every field and bounds every list, map, number and string", () => {
    const { spec, status } = customResourceDefinition().spec.versions[0]!.schema.openAPIV3Schema.properties!;
    const flaws: string[] = [];
    walk(spec!, "spec");
    walk(status!, "status");

    expect(flaws).toEqual([]);

    function walk(schema: StructuralSchema, path: string): void {
      if (!schema.description) flaws.push(`${path} has no description`);
      if (schema.type === "string" && !schema.enum && !("maxLength" in schema)) flaws.push(`${path} has no longest length`);
      if (schema.type === "array" && !("maxItems" in schema)) flaws.push(`${path} has no most items`);
      if (schema.additionalProperties && !("maxProperties" in schema)) flaws.push(`${path} has no most entries`);
      if (schema.type === "integer" && (schema.maximum as number) >= 2 ** 31 && !/observedGeneration$/.test(path))
        flaws.push(`${path} has no maximum`);
      for (const [key, property] of Object.entries(schema.properties ?? {})) walk(property, `${path}.${key}`);
      if (schema.items) walk(schema.items, `${path}[]`);
      if (schema.additionalProperties) expect(schema.additionalProperties).toHaveProperty("maxLength");
    }
  });

  test("names only queues that operations use", () => {
    expect(operationQueues).toEqual(expect.arrayContaining([...queueNames]));
  });
});
