import { z } from "zod";
import { ports } from "../contract.ts";
import { commonEnv, port } from "../telemetry/env.ts";
import { run } from "../telemetry/lifecycle.ts";
import { startSimulator } from "./simulator.ts";

const schema = commonEnv.extend({
  PORT: port(ports.simulator),
  DATA: z.string({ error: "the folder that keeps the record of effects, for instance /data" }),
});

await run({ role: "simulator", schema, env: process.env }, async ({ env, log, onStop }) => {
  const simulator = await startSimulator({
    port: env.PORT,
    host: env.HOST,
    data: env.DATA,
    log: (message, error) => log.error({ err: error }, message),
  });
  onStop("simulator", simulator.close);
  log.info({ url: simulator.url }, "serving");
});
