import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ReadyLine } from "../../../operator/local/card.ts";
import { testFolder } from "../../support/test-folder.ts";
import { eventually, Local, processesOf } from "./local.ts";

const minutes = 60_000;

async function pay({ api, secretKey }: ReadyLine, prefer = "wait=30"): Promise<unknown> {
  const answer = await fetch(`${api}/v1/payments`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${secretKey}`,
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
      prefer,
    },
    body: JSON.stringify({ amount: 35_000, currency: "THB", method: { type: "card", token: "tok_visa" } }),
  });
  return answer.json();
}

describe("a local system", () => {
  test("starts any of its processes again when it is killed, and pays", { timeout: 3 * minutes }, async () => {
    using folder = testFolder();
    await using local = new Local(join(folder.path, "state"));
    const ready = await local.ready();
    const before = local.pids();

    expect(Object.keys(before)).toEqual(expect.arrayContaining(["worker-payments", "postgres", "redis", "api", "dispatcher", "simulator"]));

    for (const pid of Object.values(before)) process.kill(pid!, "SIGKILL");

    await eventually(
      () => Object.entries(before).every(([name, pid]) => ![undefined, pid].includes(local.pids()[name])),
      "all have new pids",
    );
    await eventually(async () => (await fetch(ready.api).catch(() => undefined)) !== undefined, "the API listens again");
    await eventually(async () => {
      const answer = (await pay(ready).catch(() => ({}))) as { status?: unknown };
      return answer.status === "succeeded";
    }, "a payment succeeds");
  });

  test("leaves no process when its supervisor is killed, and starts again on the same data", { timeout: 3 * minutes }, async () => {
    using folder = testFolder();
    const state = join(folder.path, "state");
    const first = new Local(state, { args: ["--json"] });
    const { id } = (await pay(await first.ready())) as { id: string };

    first.signal("SIGKILL");
    await first.ended;
    await using second = new Local(state, { args: ["--json"] });
    const ready = await second.ready();

    const found = await fetch(`${ready.api}/v1/payments/${id}`, { headers: { authorization: `Bearer ${ready.secretKey}` } });
    expect(await found.json()).toMatchObject({ id, status: "succeeded" });
    second.signal("SIGKILL");
    await eventually(() => processesOf(state).length === 0, "everything ended by itself");
  });

  test("stops at once on a second Ctrl-C, and also while it is still starting", { timeout: 3 * minutes }, async () => {
    using folder = testFolder();
    const state = join(folder.path, "state");
    const early = new Local(state);
    await eventually(() => early.stdout.includes("Postgres"), "Postgres runs");
    early.signal("SIGINT");

    expect(await early.ended).toMatchObject({ code: 0, stderr: "" });
    expect(processesOf(state)).toEqual([]);

    const local = new Local(state);
    const ready = await local.ready();
    await fetch(`${ready.simulator}/v1/behaviour`, { method: "PUT", body: JSON.stringify({ latencyMs: 9_500 }) });
    await pay(ready, "wait=1"); // a worker has it in hand now, and would finish it
    local.signal("SIGINT");
    await eventually(() => local.stdout.includes("Stopping"), "the first is heard"); // two that wait together are one to the kernel
    const startedAt = Date.now();
    local.signal("SIGINT");

    expect((await local.ended).code).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(6_000);
    expect(processesOf(state)).toEqual([]);
  });
});
