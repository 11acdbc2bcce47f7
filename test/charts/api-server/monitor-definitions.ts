import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { goCommand } from "../../cluster/build/missing.ts";
import { command } from "../../cluster/command.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";

const folder = new URL("../../cluster/modules/monitors", import.meta.url).pathname;
const module = "github.com/prometheus-operator/prometheus-operator";

/** The definitions of PodMonitor and PrometheusRule as the Prometheus operator ships them, from its Go module; go.sum vouches for it. */
export async function monitorDefinitions(): Promise<KubeObject[]> {
  const env = { ...process.env, GOWORK: "off" };
  const { Dir } = JSON.parse(await command(goCommand() ?? "go", ["mod", "download", "-json", module], { cwd: folder, env })) as {
    Dir: string;
  };
  const read = (plural: string) =>
    parse(readFileSync(join(Dir, `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`), "utf8"));
  return [read("podmonitors"), read("prometheusrules")];
}
