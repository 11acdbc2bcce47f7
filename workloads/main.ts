import { roles } from "./contract.ts";

// One image, one entry point: `node workloads/main.ts <role>`. Each role loads only what it needs.
const start: { readonly [role in (typeof roles)[number]]: (env: NodeJS.ProcessEnv) => Promise<void> } = {
  api: async (env) => (await import("./api/main.ts")).api(env),
  dispatcher: async (env) => (await import("./dispatcher/main.ts")).dispatcher(env),
  worker: async (env) => (await import("./worker/main.ts")).worker(env),
  simulator: async (env) => (await import("./simulator/main.ts")).simulator(env),
  migrate: async (env) => (await import("./migrate/main.ts")).migrateAndSeed(env),
};

// Whoever started us over a channel wants us to end with it, also when it was killed and could not say so.
if (process.channel) {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}

const role = roles.find((known) => known === process.argv[2]);
if (role) await start[role](process.env);
else {
  process.stderr.write(`usage: node workloads/main.ts <${roles.join(" | ")}>\n`);
  process.exitCode = 2;
}
