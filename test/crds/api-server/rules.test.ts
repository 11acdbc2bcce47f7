import { expect, test } from "vitest";
import { parse } from "yaml";
import { changeRules, forbiddenChanges } from "../../../crds/changes.ts";
import { customResourceDefinition } from "../../../crds/definition.ts";
import { type Parsed, parsePaymentSystem } from "../../../crds/parse-payment-system.ts";
import type { PaymentSystem } from "../../../crds/payment-system.ts";
import { validate } from "../../../crds/validate.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { badChanges, badExamples, misshapen } from "../bad-examples.ts";
import { definitionServer } from "./definition-server.ts";
import { brokenRules } from "./refusal.ts";

const resource = (spec: string, name = "shop") => ({
  apiVersion: "satang.dev/v1alpha1",
  kind: "PaymentSystem",
  metadata: { name },
  spec: parse(spec),
});
const dryRun = "?dryRun=All&fieldValidation=Strict";

function systemOf(parsed: Parsed): PaymentSystem {
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.system;
}

onOwnNode("a rule of the definition", () => {
  const server = definitionServer();

  test.each(badExamples)("refuses $what, at kubectl apply as in local mode as in reconcile", async ({ spec, path, message }) => {
    const answer = await server().send("POST", dryRun, resource(spec));

    const problem = { path, message: expect.stringContaining(message) };
    expect(answer.status).toBe(422);
    expect(brokenRules(answer)).toEqual([problem]);
    expect(parsePaymentSystem(resource(spec))).toEqual({ problems: [problem] });
    expect(validate(resource(spec))).toEqual({ problems: [problem] });
  });

  test.each(badChanges)("refuses a change: $what", async ({ from, to, path, message }) => {
    const before = await server().send("POST", "", { ...resource(from, "changing") });
    const answer = await server().send("PUT", `/changing${dryRun}`, { ...before.body, spec: parse(to) });
    await server().send("DELETE", "/changing");

    expect(before.status).toBe(201);
    expect(brokenRules(answer)).toEqual([{ path, message }]);
    const [old, next] = [from, to].map((spec) => systemOf(parsePaymentSystem(resource(spec))).spec);
    expect(forbiddenChanges(old!, next!)).toEqual([{ path, message }]);
  });

  test("refuses a change from test to live, which no spec can show alone while there is only the simulator", async () => {
    const before = await server().send("POST", "", resource("{}", "changing"));
    const answer = await server().send("PUT", `/changing${dryRun}`, { ...before.body, spec: parse("{mode: live}") });
    await server().send("DELETE", "/changing");

    const problem = { path: "spec.mode", message: changeRules.find(({ field }) => field === "mode")!.message };
    const { spec } = systemOf(parsePaymentSystem(resource("{}")));
    expect(brokenRules(answer)).toContainEqual(problem);
    expect(forbiddenChanges(spec, { ...spec, mode: "live" })).toEqual([problem]);
  });

  test("refuses a name that its parts could not carry", async () => {
    const name = "shop.example";
    const problem = { path: "metadata.name", message: expect.stringMatching(/^must be 1 to 40 of a-z, 0-9 and -/) };

    expect(brokenRules(await server().send("POST", dryRun, resource("{}", name)))).toEqual([problem]);
    expect(parsePaymentSystem(resource("{}", name))).toEqual({ problems: [problem] });
  });

  test.each(misshapen)("need not be tried on $what", async ({ spec }) => {
    const answer = await server().send("POST", dryRun, resource(spec));

    expect([400, 422]).toContain(answer.status);
    expect(parsePaymentSystem(resource(spec))).toHaveProperty("problems");
  });

  test("has an example that breaks it", () => {
    const definition = JSON.stringify(customResourceDefinition());
    const messages = [...definition.matchAll(/"rule":.+?"message":("(?:[^"\\]|\\.)+")/g)].map(([, text]) => JSON.parse(text!) as string);
    const shown = [...badExamples, ...badChanges].map(({ message }) => message);

    expect(messages.length).toBeGreaterThan(40);
    expect(messages.filter((message) => !shown.some((part) => message.includes(part)))).toEqual([changeRules[0]!.message]);
  });
});
