import { z } from "zod";
import { ports } from "../contract.ts";
import { commonEnv, port } from "../telemetry/env.ts";
import { run } from "../telemetry/lifecycle.ts";
import { startSimulator } from "./simulator.ts";

const schema = commonEnv.extend({
  PORT: port(ports.simulator),
  DATA: z.string({ error: "the folder that keeps the record of effects, for instance /data" }),
});

/** Serves the simulated provider. */
export function simulator(env: NodeJS.ProcessEnv): Promise<void> {
  return run({ role: "simulator", schema, env }, async ({ env, log, onStop }) => {
    const serving = await startSimulator({
      port: env.PORT,
      host: env.HOST,
      data: env.DATA,
      log: (message, error) => log.error({ err: error }, message),
    });
    onStop("simulator", serving.close);
    log.info({ url: serving.url }, "serving");
  });
}
