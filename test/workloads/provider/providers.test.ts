import { describe, expect, test } from "vitest";
import { perform } from "../../../workloads/provider/perform.ts";
import { buildProviders, providersSchema } from "../../../workloads/provider/providers.ts";
import { aClaim, madeAt } from "./a-claim.ts";

const one = { name: "simulator", kind: "simulator", url: "http://127.0.0.1:4010" };

describe("PROVIDERS", () => {
  test("is read as JSON", () => {
    expect(providersSchema.parse(JSON.stringify([one]))).toEqual([one]);
  });

  test.for<[string, string | undefined, RegExp]>([
    ["is missing", undefined, /JSON list of providers/],
    ["is no JSON", "simulator", /JSON list of providers/],
    ["is empty", "[]", />=1/],
    ["is of a kind that nobody knows", JSON.stringify([{ ...one, kind: "bank" }]), /kind|discriminator|Invalid/i],
    ["has a bad URL", JSON.stringify([{ ...one, url: "ftp://sk_live_secret@host" }]), /http or https/],
    ["has a field that nobody knows", JSON.stringify([{ ...one, secretKey: "sk_live_secret" }]), /secretKey/],
    ["has a name twice", JSON.stringify([one, one]), /name of its own/],
  ])("that %s is refused, and never quoted", ([, text, message]) => {
    const read = providersSchema.safeParse(text);

    expect(read.error?.message).toMatch(message);
    expect(read.error?.message).not.toContain("sk_live_secret");
  });
});

describe("an operation of a provider that is not configured any more", () => {
  const providers = buildProviders([], { slots: 1 });
  const ask = (claimed = aClaim(), ageSeconds = 0) => {
    const { provider, retryBudget } = providers.of("gone");
    return perform(claimed, provider, { schedule: [2], now: () => madeAt + ageSeconds * 1000, random: () => 0.5, retryBudget });
  };

  test("waits for the configuration, and says whose it misses", async () => {
    expect(await ask()).toMatchObject({ kind: "postpone", postponement: { state: "queued", reason: /no provider gone is configured/ } });
  });

  test("stays unknown if it was, and ends with a human", async () => {
    expect(await ask(aClaim({ attempt: 2, resolving: true }))).toMatchObject({ postponement: { state: "unknown", unknowns: 0 } });
    expect(await ask(aClaim({ attempt: 10, resolving: true }), 4_000)).toMatchObject({ settlement: { state: "needs_review" } });
  });
});
