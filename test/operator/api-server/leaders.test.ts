import { afterAll, beforeAll, expect, test } from "vitest";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { actsIn, actsOfOthers } from "../acts-of-others.ts";
import { type Cable, cableTo } from "./cable.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { trial } from "./trial.ts";

onOwnNode("of several operators", () => {
  const { server, kube, make, ready } = trial();
  const operators: OperatorProcess[] = [];
  const cables = new Map<OperatorProcess, Cable>();
  beforeAll(async () => {
    for (const name of ["one", "two", "three"]) {
      const at = await cableTo(server().url);
      const operator = await startOperator(server(), { name, at });
      operators.push(operator);
      cables.set(operator, at);
    }
  });
  afterAll(async () => {
    for (const operator of operators) await operator[Symbol.asyncDispose]();
    for (const cable of cables.values()) await cable[Symbol.asyncDispose]();
  });

  test("another leads when the leader is cut off, and what that one sent meanwhile does nothing when it arrives", async () => {
    await make("zeroth");
    await ready("zeroth");
    const cutOff = await leader();

    cables.get(cutOff)!.pull();
    await make("meanwhile");
    await ready("meanwhile");
    const next = await leader([cutOff]);
    cables.get(cutOff)!.plugIn();
    await eventually(async () => expect(await cutOff.metric("satang_operator_leads")).toBe(0));
    await make("afterwards");
    await ready("afterwards");

    expect(await leader()).toBe(next);
    expect(wrongs()).toEqual([]);
    expect(new Set(acts().map(({ credential }) => credential)).size).toBe(2);
  }, 120_000);

  test("one leads, another when that one is killed, and another when that one hangs; and only who leads acts", async () => {
    await make("first");
    await ready("first");
    const killed = await leader();
    await killed.kill();
    await make("second");
    await ready("second");

    const hung = await leader([killed]);
    hung.signal("SIGSTOP");
    await make("third");
    await ready("third");
    hung.signal("SIGCONT");
    await make("fourth");
    await ready("fourth");

    expect(new Set([killed, hung, await leader([killed, hung])]).size).toBe(3);
    expect(wrongs()).toEqual([]);
    expect(new Set(acts().map(({ credential }) => credential))).toEqual(new Set(operators.map(({ credential }) => credential)));
  }, 240_000);

  test("the next leads at once when the leader ends as it should", async () => {
    const ending = await leader(operators.filter((one) => !one.isRunning()));
    const others = operators.filter((one) => one.isRunning() && one !== ending);

    await ending.stop();
    const begun = performance.now();
    const next = await leader([ending]);

    expect(others).toContain(next);
    expect(performance.now() - begun).toBeLessThan(10_000); // the Lease would have lasted 15 s
    expect(wrongs()).toEqual([]);
  }, 60_000);

  /** Whom the Lease names, once that is none of these. */
  const leader = (except: readonly OperatorProcess[] = []): Promise<OperatorProcess> =>
    eventually(async () => {
      const lease = await kube().get("Lease", { namespace: "satang-system", name: "satang-operator" });
      const holder = operators.find(({ name }) => lease?.spec?.holderIdentity?.startsWith(`${name}_`));
      if (!holder || except.includes(holder)) throw new Error("nobody leads");
      return holder;
    });

  const acts = () => actsIn(server().writes());
  const wrongs = () => actsOfOthers(server().writes());
});
