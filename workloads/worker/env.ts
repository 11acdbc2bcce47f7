import { z } from "zod";
import { leaseSeconds, providerTimeoutSeconds } from "../contract.ts";
import { queues } from "../payment/operation.ts";
import { providersSchema } from "../provider/providers.ts";
import { commonEnv, list, queueEnv, storeEnv, whole } from "../telemetry/env.ts";

const scheduleError = "whole seconds by comma, at most 20, for instance 2,10,60,300,3600";

/** The environment of a worker, as `WorkerEnv` of the contract says. */
export const workerEnv = commonEnv
  .extend({
    ...storeEnv,
    ...queueEnv,
    POOL: z.string({ error: "the name of the pool" }).max(63),
    QUEUES: list(queues, "payments,refunds"),
    CONCURRENCY: whole({ min: 1, max: 1000 }).default(50),
    LEASE_SECONDS: whole({ min: 3, max: 600 }).default(leaseSeconds),
    PROVIDER_TIMEOUT_SECONDS: whole({ min: 1, max: 120 }).default(providerTimeoutSeconds),
    PROVIDERS: providersSchema,
    RESOLVE_SCHEDULE_SECONDS: z
      .string({ error: scheduleError })
      .regex(/^\d{1,7}(,\d{1,7}){0,19}$/, { error: scheduleError })
      .default("2,10,60,300,3600,86400,86400,86400")
      .transform((text) => text.split(",").map(Number)),
  })
  .refine((env) => 2 * env.PROVIDER_TIMEOUT_SECONDS < env.LEASE_SECONDS, {
    path: ["LEASE_SECONDS"],
    error: "more than twice PROVIDER_TIMEOUT_SECONDS: a look-up and a call must fit into a lease, or another worker asks meanwhile",
  });
