import { z } from "zod";
import { leaseSeconds, providerTimeoutSeconds, webhookScheduleSeconds, webhookTimeoutSeconds } from "../contract.ts";
import { queues } from "../payment/operation.ts";
import { providersSchema } from "../provider/providers.ts";
import { allowPrivateEnv, commonEnv, list, queueEnv, storeEnv, whole } from "../telemetry/env.ts";

const scheduleError = "whole seconds by comma, at most 20, for instance 2,10,60,300,3600";
const schedule = (otherwise: readonly number[]) =>
  z
    .string({ error: scheduleError })
    .regex(/^\d{1,7}(,\d{1,7}){0,19}$/, { error: scheduleError })
    .default(otherwise.join())
    .transform((text) => text.split(",").map(Number));
const serversError = "addresses by comma, at most 8, for instance 9.9.9.9,[2620:fe::fe]:53";

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
    RESOLVE_SCHEDULE_SECONDS: schedule([2, 10, 60, 300, 3_600, 86_400, 86_400, 86_400]),
    ...allowPrivateEnv,
    WEBHOOK_SCHEDULE_SECONDS: schedule(webhookScheduleSeconds),
    WEBHOOK_TIMEOUT_SECONDS: whole({ min: 1, max: 120 }).default(webhookTimeoutSeconds),
    WEBHOOK_DNS_SERVERS: z
      .string()
      .default("")
      .transform((text) => (text === "" ? [] : text.split(",").map((part) => part.trim())))
      .pipe(
        z.array(z.string().regex(/^(\d+(\.\d+){3}|\[[\da-f:.]+\])(:\d{1,5})?$/i, { error: serversError })).max(8, { error: serversError }),
      ),
  })
  .refine((env) => 2 * env.PROVIDER_TIMEOUT_SECONDS < env.LEASE_SECONDS, {
    path: ["LEASE_SECONDS"],
    error: "more than twice PROVIDER_TIMEOUT_SECONDS: a look-up and a call must fit into a lease, or another worker asks meanwhile",
  })
  .refine((env) => !env.QUEUES.includes("webhooks") || 2 * env.WEBHOOK_TIMEOUT_SECONDS < env.LEASE_SECONDS, {
    path: ["LEASE_SECONDS"],
    error: "more than twice WEBHOOK_TIMEOUT_SECONDS: a try must end, and be written, within a lease",
  });
