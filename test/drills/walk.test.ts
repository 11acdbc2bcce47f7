import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, startSystem, type TestSystem } from "../support/system.ts";
import { tell } from "../support/tell.ts";
import { brokenInvariants } from "./invariants.ts";

const minutes = 60_000;
const walks = 40;
const steps = 40;
// What is not walked by then is not walked.
const longestMs = 75_000;
const shared = { VISIBILITY_SECONDS: "2" };
const worker = {
  ...shared,
  LEASE_SECONDS: "3",
  PROVIDER_TIMEOUT_SECONDS: "1",
  WEBHOOK_TIMEOUT_SECONDS: "1",
  RESOLVE_SCHEDULE_SECONDS: "1,1,1,2,2,2,5,5,5,10,10",
};

let system: TestSystem;
beforeAll(async () => {
  system = await startSystem({ env: { api: shared, dispatcher: shared, worker } });
});
afterAll(() => system[Symbol.asyncDispose]());

/** What a merchant remembers of his walk: what he asked for under which key, and what that made. */
type Memory = { payments: string[]; asked: { path: string; body: object; key: string; id: string | undefined }[] };
type Step = fc.AsyncCommand<Memory, TestSystem>;

const faults = [{}, { latencyMs: 100 }, { unknownRate: 0.5 }, { errorRate: 0.5 }, { declineRate: 0.5 }, { down: true }, { holdSeconds: 1 }];
const calm = { latencyMs: 0, unknownRate: 0, errorRate: 0, declineRate: 0, holdSeconds: 7 * 86_400, down: false };
const tokens = [
  ...["tok_visa", "tok_visa", "tok_visa", "tok_visa", "tok_declined", "tok_timeout", "tok_unknown_then_ok", "tok_error_once"],
  ...["tok_capture_declined", "tok_capture_unknown_then_ok", "tok_void_declined", "tok_refund_declined", "tok_refund_unknown_then_ok"],
];

test("whatever merchants ask for, in whatever order, while faults come and processes die: the invariants hold", {
  timeout: 8 * minutes,
}, async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  process.stdout.write(`walks with SEED=${seed}\n`);
  walksUntil = performance.now() + longestMs;
  const aStep = [
    fc.record({ amount: fc.integer({ min: 1, max: 1_000 }), token: fc.constantFrom(...tokens), manual: fc.boolean() }).map(create),
    fc.record({ which: fc.nat(), amount: part(), times: times() }).map((how) => ask("capture", how)),
    fc.record({ which: fc.nat(), amount: fc.constant(undefined), times: times() }).map((how) => ask("cancel", how)),
    fc.record({ which: fc.nat(), amount: part(), times: times() }).map((how) => ask("refunds", how)),
    fc.record({ which: fc.nat(), amount: part(), times: times() }).map((how) => ask("refunds", how)),
    fc.nat().map(repeat),
    fc.constantFrom(...faults).map(fault),
    fc.constantFrom("api", "worker-payments", "dispatcher", "redis", "simulator").map(kill),
  ];
  const [creates, captures, , refunds] = aStep; // most of all merchants ask; what breaks takes a while to be whole again
  await fc.assert(
    fc.asyncProperty(
      fc.commands([...aStep, creates!, creates!, captures!, captures!, refunds!, refunds!], { maxCommands: steps, size: "max" }),
      async (commands) => {
        await fc.asyncModelRun(() => ({ model: { payments: [], asked: [] }, real: system }), commands);
      },
    ),
    { numRuns: walks, seed, endOnFailure: true, unbiased: true },
  );
  const isCalm = () => system.behaviour(calm).then(always, () => false); // the provider may be dead just now
  await system.until(isCalm, "the provider is calm", minutes);
  await system.settled(90_000);

  const { broken, figures } = await brokenInvariants(system);
  tell("whatever merchants ask for, while faults come and processes die", figures);
  expect(broken).toEqual([]);
  expect(figures.operations).toBeGreaterThan(30); // otherwise nothing was walked
});

function part(): fc.Arbitrary<number | undefined> {
  return fc.option(fc.integer({ min: 1, max: 600 }), { nil: undefined });
}
function times(): fc.Arbitrary<number> {
  return fc.constantFrom(1, 1, 1, 5);
}

let walksUntil = Number.POSITIVE_INFINITY;
const step = (name: string, check: Step["check"], run: Step["run"]): Step => ({
  check: (memory) => performance.now() < walksUntil && check(memory),
  run,
  toString: () => name,
});

function create({ amount, token, manual }: { amount: number; token: string; manual: boolean }): Step {
  return step(`create(${amount}, ${token}, ${manual ? "manual" : "automatic"})`, always, async (memory) => {
    const body = { amount, currency: "THB", method: { type: "card", token }, capture: manual ? "manual" : "automatic" };
    const answer = await insist("/v1/payments", body, memory, { wait: 1 }); // so that most of what follows meets what is done
    expect([201, 202]).toContain(answer.status);
    memory.payments.push(answer.body.id);
  });
}

/** Asks it of one of the payments, perhaps several times at once under one key. */
function ask(
  what: "capture" | "cancel" | "refunds",
  { which, amount, times }: { which: number; amount: number | undefined; times: number },
): Step {
  return step(`${what}(${which}, ${amount}) x ${times}`, hasPaid, async (memory) => {
    const path = `/v1/payments/${memory.payments[which % memory.payments.length]}/${what}`;
    const body = amount === undefined ? {} : { amount };
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: times }, () => insist(path, body, memory, { key })));
    for (const { status } of answers) expect([201, 202, 409, 422]).toContain(status);
    const made = answers.filter(({ status }) => status < 300).map(({ body }) => body.id);
    expect(new Set(made).size).toBeLessThanOrEqual(1);
  });
}

/** An old request again: whatever became of it, it makes nothing new. */
function repeat(which: number): Step {
  return step(
    `repeat(${which})`,
    ({ asked }) => asked.some(({ id }) => id !== undefined),
    async (memory) => {
      const served = memory.asked.filter(({ id }) => id !== undefined);
      const { path, body, key, id } = served[which % served.length]!;
      const answer = await insist(path, body, memory, { key });
      expect([201, 202]).toContain(answer.status);
      expect({ id: answer.body.id, replayed: answer.headers.get("idempotent-replayed") }).toEqual({ id, replayed: "true" });
    },
  );
}

const fault = (behaviour: object): Step =>
  step(`fault(${JSON.stringify(behaviour)})`, always, (_, real) => real.behaviour({ ...calm, ...behaviour }).catch(() => {}));
const kill = (name: string): Step => step(`kill(${name})`, always, async (_, real) => real.kill(name));

const always = (): boolean => true;
const hasPaid = ({ payments }: Readonly<Memory>): boolean => payments.length > 0;

/** Asks until there is an answer that means something, under one key. */
async function insist(
  path: string,
  body: object,
  memory: Memory,
  { key = randomUUID(), wait = 0 }: { key?: string; wait?: number } = {},
): Promise<Answer> {
  const deadline = Date.now() + minutes;
  for (;;) {
    const answer = await system.post(path, body, { key, wait }).catch(() => undefined); // the API may be dead just now
    if (answer && answer.status < 500 && answer.status !== 429) {
      memory.asked.push({ path, body, key, id: answer.status < 300 ? answer.body.id : undefined });
      return answer;
    }
    if (Date.now() > deadline) throw new Error(`${path}: no answer in a minute, the last was ${answer?.status ?? "none"}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
