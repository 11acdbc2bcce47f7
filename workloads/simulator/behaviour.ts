import { z } from "zod";

const probability = z.number().min(0).max(1);
const milliseconds = z.number().int().min(0).max(60_000);

/** How the simulator behaves from now on. What is left out has its default, so `{}` is a provider without faults. */
export const behaviourSchema = z
  .strictObject({
    latencyMs: milliseconds.default(0).describe("Median time to an answer."),
    latencyP99Ms: milliseconds.default(0).describe("99 of 100 answers come within this time; 0: all take the median."),
    errorRate: probability.default(0).describe("Share of calls answered 500, without effect."),
    unknownRate: probability.default(0).describe("Share of calls whose effect happens and whose answer is lost."),
    declineRate: probability.default(0).describe("Share of calls declined."),
    ratePerSecond: z
      .number()
      .min(0.1)
      .max(1_000_000)
      .nullable()
      .default(null)
      .describe("Calls beyond it are answered 429; null: no limit."),
    feeBasisPoints: z.number().int().min(0).max(1_000).default(165).describe("Fee of a charge or capture, in hundredths of a percent."),
    holdSeconds: z
      .number()
      .int()
      .min(1)
      .max(31 * 86_400)
      .default(7 * 86_400)
      .describe("How long an authorization is held, as it says."),
    eventsOf: z.enum(["pending", "all"]).default("pending").describe("Events tell of the end of operations that were pending, or of all."),
    down: z.boolean().default(false).describe("Every call is cut without effect."),
  })
  .refine((it) => it.errorRate + it.unknownRate + it.declineRate <= 1, {
    error: "errorRate + unknownRate + declineRate must not exceed 1: each call has one fate",
    path: ["errorRate"],
  })
  .refine((it) => it.latencyP99Ms === 0 || it.latencyP99Ms >= it.latencyMs, {
    error: "must be 0 or at least latencyMs",
    path: ["latencyP99Ms"],
  });
export type Behaviour = z.infer<typeof behaviourSchema>;

export const faultless: Behaviour = behaviourSchema.parse({});

export type Fate = "plain" | "error" | "lost" | "declined";

/** What befalls a call. The same key at the same try has the same fate in every run, so that a drill can be repeated. */
export function fateOf(behaviour: Behaviour, key: string, tries: number): Fate {
  const { errorRate, unknownRate, declineRate } = behaviour;
  if (errorRate + unknownRate + declineRate === 0) return "plain";
  const drawn = draw(`fate ${tries} ${key}`);
  if (drawn < errorRate) return "error";
  if (drawn < errorRate + unknownRate) return "lost";
  if (drawn < errorRate + unknownRate + declineRate) return "declined";
  return "plain";
}

/** How long an answer takes, in milliseconds: log-normal through median and 99th percentile, as services are, and as repeatable as the fate. */
export function latencyOf({ latencyMs, latencyP99Ms }: Behaviour, key: string): number {
  if (latencyP99Ms === 0) return latencyMs;
  const median = Math.max(latencyMs, 1);
  const spread = Math.log(latencyP99Ms / median) / 2.326; // the 99th percentile of a normal distribution is at 2.326
  // Box and Muller; the tail is cut at three times the percentile, so that no call hangs by chance.
  const normal = Math.sqrt(-2 * Math.log(1 - draw(`radius ${key}`))) * Math.cos(2 * Math.PI * draw(`angle ${key}`));
  return Math.min(median * Math.exp(Math.max(spread, 0) * normal), 3 * latencyP99Ms);
}

/** A number in [0, 1) that depends on nothing but the text: FNV-1a, mixed as MurmurHash3 ends. */
function draw(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
