import { repository } from "../../cluster/build/folders.ts";
import { goTools } from "../../cluster/build/go-tools.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { command } from "../../cluster/command.ts";

/** Runs commands as a reader pastes them: in a shell, in the folder of the repository, with kubectl and helm on the PATH. Throws with what they said when one fails. */
export type Shell = (commands: string) => Promise<string>;

export async function shellOf(cluster: Cluster): Promise<Shell> {
  const path = [await goTools("node"), await goTools("helm"), process.env.PATH].join(":");
  const env = { ...process.env, PATH: path, KUBECONFIG: cluster.kubeconfig };
  return (commands) => command("bash", ["-euo", "pipefail", "-c", commands], { cwd: repository, env });
}
