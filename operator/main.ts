import { readFileSync } from "node:fs";
import { pino } from "pino";
import { z } from "zod";
import { compileOnly, ports } from "../workloads/contract.ts";
import { inCluster } from "./kube/in-cluster.ts";
import { kubeconfig } from "./kube/kubeconfig.ts";
import { managedBy } from "./labels.ts";
import { operate } from "./operate.ts";
import { metricsApiPorts, type OperatorEnv } from "./operator-env.ts";

if (process.argv[2] === compileOnly) process.exit();

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
const levels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const image = z.string({ error: "is missing: set it to the name of an image" }).min(1);
const schema = z.object({
  WORKLOADS_IMAGE: image,
  POSTGRES_IMAGE: image,
  REDIS_IMAGE: image,
  POD_NAME: z.string({ error: "is missing: set it to the pod's name, by fieldRef metadata.name" }).min(1),
  WATCH_NAMESPACES: z
    .string()
    .regex(/^([a-z0-9][-a-z0-9]{0,62}(,[a-z0-9][-a-z0-9]{0,62}){0,99})?$/, { error: "must be up to 100 names of namespaces, by comma" })
    .default(""),
  KUBECONFIG: z.string().optional(),
  LOG_LEVEL: z.enum(levels).default("info"),
  MANAGEMENT_PORT: z.coerce.number().int().min(0).max(65_535).default(ports.management),
  METRICS_API_PORT: z.coerce.number().int().min(0).max(65_535).default(metricsApiPorts.pod),
  INSTALLED_AS: z.string().min(1).default(managedBy),
} satisfies Record<keyof OperatorEnv, z.ZodType>);

const read = schema.safeParse(process.env);
if (!read.success) {
  for (const { path, message } of read.error.issues) process.stderr.write(`${path.join(".")} ${message}\n`);
  process.exit(1);
}
const env = read.data;
const log = pino({
  level: env.LOG_LEVEL,
  base: { role: "operator" },
  timestamp: () => `,"ts":"${new Date().toISOString()}"`,
  formatters: { level: (level) => ({ level }) },
});

const stopping = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stopping.abort());

const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = process.env;
const access = host ? await inCluster({ host, port }) : await kubeconfig(env.KUBECONFIG);
await operate(
  {
    access,
    images: { workloads: env.WORKLOADS_IMAGE, postgres: env.POSTGRES_IMAGE, redis: env.REDIS_IMAGE },
    version,
    podName: env.POD_NAME,
    namespaces: env.WATCH_NAMESPACES.split(",").filter(Boolean),
    managementPort: env.MANAGEMENT_PORT,
    metricsApiPort: env.METRICS_API_PORT,
    installedAs: env.INSTALLED_AS,
    log,
  },
  stopping.signal,
);
log.info("stopped");
