import { compileOnly, roles } from "./contract.ts";

type Start = (env: NodeJS.ProcessEnv) => Promise<void>;

// One image, one entry point: `node workloads/main.ts <role>`. Each role loads only what it needs.
const load: { readonly [role in (typeof roles)[number]]: () => Promise<Start> } = {
  api: async () => (await import("./api/main.ts")).api,
  dispatcher: async () => (await import("./dispatcher/main.ts")).dispatcher,
  worker: async () => (await import("./worker/main.ts")).worker,
  simulator: async () => (await import("./simulator/main.ts")).simulator,
  migrate: async () => (await import("./migrate/main.ts")).migrateAndSeed,
};

// What a role loads only once it is asked for it.
const later = [
  () => import("./api/docs/markdown-page.ts"),
  () => import("./api/docs/open-api.ts"),
  () => import("./api/docs/reference-page.ts"),
  () => import("./worker/deliveries.ts"),
];

// Whoever started us over a channel wants us to end with it, also when it was killed and could not say so.
if (process.channel) {
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}

const role = roles.find((known) => known === process.argv[2]);
if (role) {
  const start = await load[role]();
  await start(process.env);
} else if (process.argv[2] === compileOnly) {
  await Promise.all([...roles.map((one) => load[one]()), ...later.map((one) => one())]);
} else {
  process.stderr.write(`usage: node workloads/main.ts <${roles.join(" | ")}>\n`);
  process.exitCode = 2;
}
