import { afterAll, beforeAll, expect, test } from "vitest";
import { customResourceDefinition } from "../../../crds/definition.ts";
import { validations } from "../../../crds/rule.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { namespace, trial } from "./trial.ts";

onOwnNode("a resource that the API server let pass though it breaks a rule", () => {
  const { server, kube, make, ready, system, parts } = trial();
  let operator: OperatorProcess;
  beforeAll(async () => {
    operator = await startOperator(server());
    await server().kubectl("delete", "crd", "paymentsystems.satang.dev");
    await server().apply(without(validations, customResourceDefinition()) as KubeObject);
    await server().wait("crd/paymentsystems.satang.dev", "condition=Established");
  });
  afterAll(() => operator?.[Symbol.asyncDispose]());

  test("is refused by a condition that says what to do, nothing is made of it, and what it breaks can be mended", async () => {
    const pools = (max: number) => ({ workers: [{ name: "all", queues: ["payments", "refunds", "webhooks"], replicas: { min: 2, max } }] });
    await make("shop", pools(1));

    await eventually(async () => {
      const status = JSON.stringify((await system("shop")).status);
      expect(status).toContain("spec.workers[0].replicas.max is below min: raise max or lower min");
      expect(status).toMatch(/"reason":"SpecInvalid","status":"True","type":"Stalled"/);
    });
    expect(await parts("shop")).toEqual([]);
    await eventually(async () => {
      const events = await kube().list("Event", { namespace });
      expect(events.map(({ reason }) => reason)).toContain("SpecInvalid");
    });

    await make("shop", pools(2));
    await ready("shop");
  });
});

/** The same but for one key, at every depth. */
function without(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => without(key, item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, field]) => (name === key ? [] : [[name, without(key, field)]])));
}
