import { z } from "zod";
import { ports } from "../contract.ts";
import { commonEnv, port, url } from "../telemetry/env.ts";
import { run } from "../telemetry/lifecycle.ts";
import { startSimulator } from "./simulator.ts";

const schema = commonEnv
  .extend({
    PORT: port(ports.simulator),
    DATA: z.string({ error: "the folder that keeps the record of effects, for instance /data" }),
    EVENTS_URL: url({ schemes: ["http", "https"], example: "http://127.0.0.1:4000/v1/provider-events/simulator" }).optional(),
    EVENTS_SECRET: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,128}={0,2}$/, { error: "whsec_ and 24 random bytes or more in base64" })
      .optional(),
  })
  .refine((env) => env.EVENTS_URL === undefined || env.EVENTS_SECRET !== undefined, {
    path: ["EVENTS_SECRET"],
    error: "whsec_ and 24 random bytes or more in base64, as EVENTS_URL is set",
  });

/** Serves the simulated provider. */
export function simulator(env: NodeJS.ProcessEnv): Promise<void> {
  return run({ role: "simulator", schema, env }, async ({ env, log, onStop }) => {
    const serving = await startSimulator({
      port: env.PORT,
      host: env.HOST,
      data: env.DATA,
      events: env.EVENTS_URL && env.EVENTS_SECRET ? { url: env.EVENTS_URL, secret: env.EVENTS_SECRET } : undefined,
      log: (message, error) => log.error({ err: error }, message),
    });
    onStop("simulator", serving.close);
    log.info({ url: serving.url }, "serving");
  });
}
