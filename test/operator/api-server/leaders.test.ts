import { afterAll, beforeAll, expect, test } from "vitest";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { trial } from "./trial.ts";

const account = "system:serviceaccount:satang-system:satang-operator";

onOwnNode("of several operators", () => {
  const { server, kube, make, ready } = trial();
  const operators: OperatorProcess[] = [];
  beforeAll(async () => {
    for (const name of ["one", "two", "three"]) operators.push(await startOperator(server(), { name }));
  });
  afterAll(async () => {
    for (const operator of operators) await operator[Symbol.asyncDispose]();
  });

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
    expect(new Set(acts().map(({ credential }) => credential)).size).toBe(3);
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

  const acts = () =>
    server()
      .writes()
      .filter(({ user, resource, code }) => user === account && resource !== "leases" && code < 300);

  /** Acts of somebody who was not the last to have written the Lease. */
  function wrongs(): string[] {
    let holder: string | undefined;
    const found: string[] = [];
    for (const { user, resource, code, verb, name, credential } of server().writes()) {
      if (user !== account || code >= 300) continue;
      if (resource === "leases") holder = credential;
      else if (resource !== "events" && credential !== holder) found.push(`${verb} ${resource} ${name} by ${credential} under ${holder}`);
    }
    return found;
  }
});
