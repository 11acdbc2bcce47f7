import { describe, expect, test } from "vitest";
import type { Capabilities } from "../../../workloads/provider/provider.ts";
import { resendOf } from "../../../workloads/provider/resend.ts";
import { aClaim, madeAt } from "./a-claim.ts";

const base: Capabilities = {
  ...{ idempotencyWindowSeconds: 86_400, storesErrors: false, canFind: true, findDelaySeconds: 60 },
  ...{ manualCapture: true, partialRefund: true },
};
const day = 86_400;

describe("what a look-up did not find", () => {
  test.for<[string, Partial<Capabilities>, number, string]>([
    ["goes again under its key while the key is surely known", {}, day - 61, "resend"],
    ["waits for a later look-up when the key may be forgotten", {}, day - 60, "wait"],
    ["goes to a human when the key may be forgotten and nothing can be looked up", { canFind: false }, day - 60, "never"],
    ["goes again where nothing can be looked up, while the key is known", { canFind: false }, 120, "resend"],
    ["never goes again to a provider without keys", { idempotencyWindowSeconds: 0 }, 0, "wait"],
    ["is a human's at a provider with neither keys nor look-ups", { idempotencyWindowSeconds: 0, canFind: false }, 0, "never"],
    ["waits where a repeat would only repeat an error and the look-up knows soon", { storesErrors: true }, 59, "wait"],
    ["goes again where errors are stored, once the look-up should know", { storesErrors: true }, 60, "resend"],
    ["goes again where errors are stored and nothing can be looked up", { storesErrors: true, canFind: false }, 5, "resend"],
  ])("%s", ([, capabilities, ageSeconds, expected]) => {
    expect(resendOf(aClaim({ resolving: true }), { ...base, ...capabilities }, madeAt + ageSeconds * 1000)).toBe(expected);
  });
});
