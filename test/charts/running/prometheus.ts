import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fleet } from "../../../operator/local/fleet.ts";
import { Ports } from "../../../operator/local/ports.ts";
import { needProgram } from "../../support/debian-package.ts";
import { somePort } from "../../support/set-up.ts";
import { testFolder } from "../../support/test-folder.ts";

export interface Target {
  /** `host:port` */
  readonly address: string;
  /** As the PodMonitors of the chart would make them. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [at: number, value: string])[];
}

export interface FiredAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
}

export interface Prometheus extends AsyncDisposable {
  /** Over the last so many seconds, a value for each. Throws with Prometheus' own words if it cannot be read. */
  range(query: string, seconds: number): Promise<Series[]>;
  /** Alerts that fire or are about to. */
  alerts(): Promise<FiredAlert[]>;
  /** Names of all metrics that it has read, with their help. */
  names(): Promise<string[]>;
}

export const needPrometheus = (): void =>
  needProgram({ names: ["prometheus", "promtool"], debian: "prometheus", why: "alerts and boards are tried on a real Prometheus" });

/** A real Prometheus that reads `targets` every second and evaluates `rules`, a file. */
export async function startPrometheus(targets: readonly Target[], rules: string): Promise<Prometheus> {
  needPrometheus();
  const folder = testFolder();
  const { port } = await new Ports().take(somePort());
  const config = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: [rules],
    scrape_configs: [
      { job_name: "all", honor_labels: true, static_configs: targets.map(({ address, labels }) => ({ targets: [address], labels })) },
    ],
  };
  mkdirSync(join(folder.path, "data"));
  writeFileSync(join(folder.path, "prometheus.yml"), JSON.stringify(config)); // JSON is YAML
  const fleet = new Fleet({ logs: folder.path });
  const url = `http://127.0.0.1:${port}`;
  const args = [
    "--config.file",
    join(folder.path, "prometheus.yml"),
    "--storage.tsdb.path",
    join(folder.path, "data"),
    "--web.listen-address",
    url.slice(7),
  ];
  const spec = { name: "prometheus", command: "prometheus", args, env: {}, leash: "pipe", stopSignal: "SIGTERM" } as const;
  fleet.start({ ...spec, ready: async () => (await fetch(`${url}/-/ready`)).ok }, "provider");
  await fleet.ready("prometheus", 60_000);

  async function ask<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    const answer = (await (await fetch(`${url}/api/v1/${path}?${new URLSearchParams(query)}`)).json()) as { data: T; error?: string };
    if (answer.error) throw new Error(`${query.query}: ${answer.error}`);
    return answer.data;
  }
  return {
    async range(query, seconds) {
      const end = Date.now() / 1000;
      const asked = { query, start: String(end - seconds), end: String(end), step: "1" };
      return (await ask<{ result: Series[] }>("query_range", asked)).result;
    },
    alerts: async () => (await ask<{ alerts: FiredAlert[] }>("alerts")).alerts,
    names: () => ask<string[]>("label/__name__/values"),
    async [Symbol.asyncDispose]() {
      await fleet.stop();
      folder[Symbol.dispose]();
    },
  };
}
