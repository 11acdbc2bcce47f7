import { z } from "zod";
import { type GuardOptions, guarded } from "./guarded.ts";
import { jsonVariable } from "./json-variable.ts";
import type { Adapter, Capabilities, Provider } from "./provider.ts";
import { type RetryBudget, retryBudget } from "./retry-budget.ts";
import { simulatorAdapter } from "./simulator.ts";

const name = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "must be 1 to 32 small letters, digits and dashes, a letter first");

const providerSchema = z.discriminatedUnion("kind", [
  z.strictObject({ name, kind: z.literal("simulator"), url: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }) }),
]);
export type ProviderConfig = z.infer<typeof providerSchema>;

const example = `[{"name": "simulator", "kind": "simulator", "url": "http://127.0.0.1:4010"}]`;

/** The variable PROVIDERS: who moves money, as JSON. Errors never quote it, for it may hold secrets. */
export const providersSchema = jsonVariable(`a JSON list of providers, for instance ${example}`)
  .pipe(z.array(providerSchema).min(1).max(10))
  .refine((all) => new Set(all.map((one) => one.name)).size === all.length, { error: "providers of which each has a name of its own" });

/** The providers of a process, by the name that an operation carries. */
export type Providers = {
  of(name: string): ProviderInUse;
  close(): Promise<void>;
};

/** The budget is shared by all that this process sends to the provider. */
export type ProviderInUse = { readonly provider: Provider; readonly retryBudget: RetryBudget };

/** Builds each provider with its guard and its retry budget. */
export function buildProviders(configs: readonly ProviderConfig[], options: GuardOptions): Providers {
  const inUse = (provider: Provider): ProviderInUse => ({ provider, retryBudget: retryBudget() });
  const all = new Map(configs.map((config) => [config.name, inUse(guarded(adapterOf(config, options.slots), options))]));
  return {
    of: (name) => all.get(name) ?? inUse(missing(name)),
    async close() {
      await Promise.all([...all.values()].map(({ provider }) => provider.close()));
    },
  };
}

function adapterOf(config: ProviderConfig, connections: number): Adapter {
  switch (config.kind) {
    case "simulator":
      return simulatorAdapter({ name: config.name, url: config.url, connections });
  }
}

/** Of a provider that was taken out of the configuration nothing can be asked: our fault, so it is tried again and then a human's. */
function missing(name: string): Provider {
  const ours = { kind: "ours", reason: `no provider ${name} is configured: add it, or settle this by hand` } as const;
  return { name, capabilities: unheardOf, send: async () => ours, find: async () => ours, close: async () => {} };
}

const unheardOf: Capabilities = {
  idempotencyWindowSeconds: 0,
  storesErrors: true,
  canFind: true, // so that it is looked up, and the configuration blamed, before anything else
  findDelaySeconds: 0,
  manualCapture: false,
  partialRefund: false,
};
