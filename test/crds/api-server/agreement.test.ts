import { asyncProperty, assert as check } from "fast-check";
import { expect, test } from "vitest";
import { forbiddenChanges } from "../../../crds/changes.ts";
import { parsePaymentSystem } from "../../../crds/parse-payment-system.ts";
import type { PaymentSystemSpec } from "../../../crds/payment-system.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { specs } from "../specs.ts";
import { definitionServer } from "./definition-server.ts";
import { brokenRules, sorted } from "./refusal.ts";

const resource = (spec: object, name = "shop") => ({ apiVersion: "satang.dev/v1alpha1", kind: "PaymentSystem", metadata: { name }, spec });

function specOf(written: object): PaymentSystemSpec {
  const parsed = parsePaymentSystem(resource(written));
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.system.spec;
}

onOwnNode("the API server and the parser of local mode", () => {
  const server = definitionServer();

  test("take and refuse the same for the same reasons, and fill in the same defaults", async () => {
    const seen = { taken: 0, refused: 0 };
    const agree = asyncProperty(specs(), async (spec) => {
      const answer = await server().send("POST", "?dryRun=All&fieldValidation=Strict", resource(spec));
      const parsed = parsePaymentSystem(resource(spec));

      expect(answer.status).toBe("system" in parsed ? 201 : 422);
      if ("system" in parsed) {
        seen.taken++;
        expect(answer.body.spec).toEqual(parsed.system.spec);
      } else {
        seen.refused++;
        const broken = brokenRules(answer);
        if (broken) expect(sorted(broken)).toEqual(sorted(parsed.problems));
      }
    });
    await check(agree, { numRuns: 400 });

    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(30); // else it was no trial
  });

  test("refuse the same changes for the same reasons", async () => {
    const seen = { taken: 0, refused: 0 };
    const good = specs().filter((spec) => "system" in parsePaymentSystem(resource(spec)));
    const agree = asyncProperty(good, good, async (from, to) => {
      const before = await server().send("POST", "", resource(from));
      const answer = await server().send("PUT", "/shop?dryRun=All", { ...before.body, spec: to });
      await server().send("DELETE", "/shop");

      const forbidden = forbiddenChanges(specOf(from), specOf(to));
      seen[forbidden.length === 0 ? "taken" : "refused"]++;
      expect(sorted(brokenRules(answer)!)).toEqual(sorted(forbidden));
    });
    await check(agree, { numRuns: 100 });

    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(20);
  });
});
