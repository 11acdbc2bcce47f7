import { z } from "zod";
import { distinct } from "./distinct.ts";
import { name, objectName, whole } from "./field.ts";
import { ruled } from "./rule.ts";

/** Kinds of providers that workers have an adapter for. */
export const providerKinds = ["simulator"] as const;

const provider = ruled(
  z.strictObject({
    name: name("Name under which payments and the ledger know it.", ["simulator", "second"]),
    kind: z.enum(providerKinds).describe("simulator: moves no money, answers by token; for mode test only."),
    secretName: objectName("Secret with the provider's keys. The simulator has none.", "shop-provider").optional(),
    ratePerSecond: whole(1, 100_000)
      .optional()
      .describe(
        "Calls a second that it allows: pools of payments and refunds are not grown beyond what uses them up, each pod taken to make `concurrency` a second. Left out: no bound.",
      ),
  }),
  {
    cel: "self.kind != 'simulator' || !has(self.secretName)",
    holds: ({ kind, secretName }) => kind !== "simulator" || secretName === undefined,
    field: "secretName",
    message: "is for real providers: take it out, the simulator has no keys",
  },
);

export const providers = ruled(
  z.array(provider.describe("One who moves money.")).min(1).max(20),
  distinct("names a provider twice: give each a name of its own", "name"),
)
  .prefault([{ name: "simulator", kind: "simulator" }])
  .describe("Who moves money; the first takes new payments. Their secrets are named here, never written here.");
