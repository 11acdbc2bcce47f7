import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { compileOnly, nodeEnv, nodeFlags } from "../../../workloads/contract.ts";
import type { ApiServer } from "../../cluster/api-server.ts";
import { eventually } from "../../cluster/eventually.ts";

/** The operator as a process of this machine, with the account, the token and so the rights that its pod would have. */
export interface OperatorProcess extends AsyncDisposable {
  readonly name: string;
  /** By which the audit log names this process among those of its account. */
  readonly credential: string;
  /** `host:port` of its probes and metrics. */
  readonly management: string;
  /** A figure of its metrics; undefined: there is none of that name. */
  metric(name: string): Promise<number | undefined>;
  /** The upper end of the bucket in which that part of a histogram's observations ends. */
  quantile(histogram: string, part: number): Promise<number>;
  untilMetric(name: string, holds: (value: number) => boolean): Promise<void>;
  /** Lines that it has written, as objects. */
  log(): Record<string, unknown>[];
  isRunning(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** Ends it as the kernel would: it can tell nobody. */
  kill(): Promise<void>;
  /** Ends it as a kubelet would, and waits until it is gone. */
  stop(): Promise<void>;
}

/** Where the kubelet would put the token there is now what we put; nobody else sees it. */
const inPodsPlace = `mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io && cp -r "$ACCOUNT" /run/secrets/kubernetes.io/serviceaccount && exec "$@"`;
const main = new URL("../../../operator/main.ts", import.meta.url).pathname;
const runtimeEnv = { NODE_COMPILE_CACHE: new URL("../../../node_modules/.cache/operator", import.meta.url).pathname, ...nodeEnv };
/** As when the image is built. */
let compiled: Promise<unknown> | undefined;
const compile = () => promisify(execFile)(process.execPath, [...nodeFlags, main, compileOnly], { env: runtimeEnv });

interface StartOptions {
  readonly name?: string;
  readonly at?: { readonly port: number };
  readonly namespaces?: string;
  /** 0: a free one. */
  readonly metricsApiPort?: number;
}

export async function startOperator(
  server: ApiServer,
  { name = "operator-1", at, namespaces = "", metricsApiPort = 0 }: StartOptions = {},
): Promise<OperatorProcess> {
  compiled ??= compile();
  await compiled;
  const folder = mkdtempSync(join(tmpdir(), "satang-operator-"));
  const token = (await server.kubectl("create", "token", "satang-operator", "--namespace", "satang-system", "--duration", "2h")).trim();
  const ca = readFileSync(join(server.certificates, "ca.crt"), "utf8");
  const files = { token, "ca.crt": ca, namespace: "satang-system" };
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const output = join(folder, "log");
  const file = openSync(output, "a");
  const { port } = at ?? new URL(server.url);
  const child: ChildProcess = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "unshare", "--mount", "sh", "-euc", inPodsPlace, "sh", process.execPath, ...nodeFlags, main],
    {
      env: {
        PATH: process.env.PATH,
        ACCOUNT: folder,
        KUBERNETES_SERVICE_HOST: "127.0.0.1",
        KUBERNETES_SERVICE_PORT: String(port),
        MANAGEMENT_PORT: "0",
        METRICS_API_PORT: String(metricsApiPort),
        POD_NAME: name,
        WATCH_NAMESPACES: namespaces,
        ...images,
        ...runtimeEnv,
      },
      stdio: ["ignore", file, file],
    },
  );
  closeSync(file);
  const log = () =>
    readFileSync(output, "utf8")
      .split("\n")
      .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Record<string, unknown>] : []));
  const running = () => child.exitCode === null && child.signalCode === null;
  const management = await eventually(
    () => {
      const said = log().find((line) => line.management !== undefined);
      if (!said) throw new Error(`the operator did not start: ${readFileSync(output, "utf8").slice(-2000)}`);
      return said.management as number;
    },
    { hopeless: () => (running() ? undefined : new Error(readFileSync(output, "utf8").slice(-2000))) },
  );

  const end = async (signal: NodeJS.Signals) => {
    if (running()) child.kill(signal);
    while (running()) await sleep(20);
  };
  const metricLines = async () => (await (await fetch(`http://127.0.0.1:${management}/metrics`)).text()).split("\n");
  const metric = async (name: string) => {
    const line = (await metricLines()).find((line) => line.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.split(" ")[1]);
  };
  return {
    name,
    credential: credentialOf(token),
    management: `127.0.0.1:${management}`,
    metric,
    async quantile(histogram, part) {
      const buckets = (await metricLines()).flatMap((line) => {
        const [, end, count] = new RegExp(`^${histogram}_bucket{le="([^"]+)".*} (\\d+)$`).exec(line) ?? [];
        return end === undefined ? [] : [{ end: Number(end.replace("+Inf", "Infinity")), count: Number(count) }];
      });
      const all = Math.max(...buckets.map(({ count }) => count));
      return Math.min(...buckets.filter(({ count }) => count >= part * all).map(({ end }) => end));
    },
    untilMetric: (name, holds) =>
      eventually(
        async () => {
          const value = await metric(name);
          if (value === undefined || !holds(value)) throw new Error(`${name} is ${value}`);
        },
        { everyMs: 30 },
      ),
    log,
    isRunning: running,
    signal: (signal) => void child.kill(signal),
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    async [Symbol.asyncDispose]() {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const images = {
  WORKLOADS_IMAGE: "registry.test/workloads:1",
  POSTGRES_IMAGE: "registry.test/postgres:1",
  REDIS_IMAGE: "registry.test/redis:1",
};

const credentialOf = (token: string): string => {
  const { jti } = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as { jti: string };
  return `JTI=${jti}`;
};
