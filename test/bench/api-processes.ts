import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Ports } from "../../operator/local/ports.ts";
import { workload } from "../../operator/local/workload.ts";
import { type ApiEnv, probes } from "../../workloads/contract.ts";
import { Victim } from "../workloads/crash/victim.ts";
import { type Stage, withClient } from "./stage.ts";

const ports = new Ports();

/** A port of 127.0.0.1 that nobody has. */
export const freePort = async (): Promise<number> => (await ports.take(32_000)).port;

/** API processes beside those of the stage. */
export type Apis = AsyncDisposable & {
  readonly apiPort: number;
  /** The `/metrics` of the first. */
  metrics(): Promise<string>;
};

/** Starts `count` API processes on one port, as those of the stage are. */
export async function startApis({ folder }: Pick<Stage, "folder">, count: number, settings: ApiEnv): Promise<Apis> {
  const apiPort = await freePort();
  const run = { cache: join(folder, "compiled"), path: process.env.PATH ?? "" };
  const managementPorts = await Promise.all(Array.from({ length: count }, freePort));
  const apis = managementPorts.map((managementPort) => {
    const env: ApiEnv = {
      ...{ HOST: "127.0.0.1", PORT: String(apiPort), SHARE_PORT: String(count > 1), MANAGEMENT_PORT: String(managementPort) },
      ...settings,
    };
    return new Victim(workload({ name: `api on port ${managementPort}`, role: "api", managementPort, env }, run));
  });
  await Promise.all(apis.map((api) => api.start()));
  return {
    apiPort,
    metrics: async () => (await fetch(`http://127.0.0.1:${managementPorts[0]}${probes.metrics}`)).text(),
    async [Symbol.asyncDispose]() {
      await Promise.all(apis.map((api) => api.stop()));
    },
  };
}

/** Makes a login with an API's rights, and says how it comes to a database of the stage's server. */
export async function apiLogin({ postgresUrl }: Pick<Stage, "postgresUrl">, login: string): Promise<(url: string) => string> {
  const password = randomBytes(12).toString("hex");
  await withClient(postgresUrl, (client) => client.query(`create role ${login} login password '${password}' in role satang_api`));
  return (url) => Object.assign(new URL(url), { username: login, password }).href;
}
