import { command } from "./command.ts";
import { type Following, follow } from "./follow.ts";

export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [field: string]: unknown;
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests read and write objects of every kind; the API server checks them
  [field: string]: any;
}

/** A pod, and where it has more than one container, which one. */
export interface PodName {
  namespace: string;
  name: string;
  container?: string;
}

/** What any API server offers, through kubectl; each call throws `CommandFailed` with what kubectl said. */
export interface Kubectl {
  /** A path that `KUBECONFIG` can name. */
  kubeconfig: string;
  /** `kubectl args…`, and what it wrote to standard output. */
  kubectl(...args: string[]): Promise<string>;
  /** `kubectl args…` that goes on until it is disposed of, such as `get --watch`: one process, where asking again and again takes a core from what is watched. */
  follow(args: string[], onLine: (line: string) => void): Following;
  /** Applies objects on the server's side, as field manager `test`. */
  apply(...objects: KubeObject[]): Promise<void>;
  get(kind: string, name: string, namespace?: string): Promise<KubeObject>;
  list(kind: string, options?: { namespace?: string; selector?: string }): Promise<KubeObject[]>;
  delete(kind: string, name: string, namespace?: string): Promise<void>;
  /** Waits as `kubectl wait --for` does: "condition=Available", "jsonpath={.status.phase}=Running", "delete". */
  wait(what: string | string[], until: string, options?: { namespace?: string; withinSeconds?: number }): Promise<void>;
  /** Runs a command in a container and returns what it wrote. */
  exec(pod: PodName, command: string[], input?: string): Promise<string>;
  logs(pod: PodName, options?: { previous?: boolean }): Promise<string>;
}

export function kubectlOf(file: string, kubeconfig: string): Kubectl {
  const run = (args: string[], input?: string) =>
    command(file, args, { env: { ...process.env, KUBECONFIG: kubeconfig }, ...(input === undefined ? {} : { input }) });
  const within = (namespace: string | undefined) => (namespace ? ["--namespace", namespace] : []);
  const inPod = (pod: PodName) => [...within(pod.namespace), pod.name, ...(pod.container ? ["--container", pod.container] : [])];
  return {
    kubeconfig,
    kubectl: (...args) => run(args),
    follow: (args, onLine) => follow(file, args, { ...process.env, KUBECONFIG: kubeconfig }, onLine),
    async apply(...objects) {
      const list = { apiVersion: "v1", kind: "List", items: objects };
      await run(["apply", "--server-side", "--field-manager", "test", "--filename", "-"], JSON.stringify(list));
    },
    get: async (kind, name, namespace) => JSON.parse(await run(["get", kind, name, ...within(namespace), "--output", "json"])),
    async list(kind, { namespace, selector } = {}) {
      const scope = namespace ? within(namespace) : ["--all-namespaces"];
      const answer = await run(["get", kind, ...scope, ...(selector ? ["--selector", selector] : []), "--output", "json"]);
      return JSON.parse(answer).items;
    },
    async delete(kind, name, namespace) {
      await run(["delete", kind, name, ...within(namespace), "--ignore-not-found"]);
    },
    async wait(what, until, { namespace, withinSeconds = 60 } = {}) {
      await run(["wait", ...[what].flat(), `--for=${until}`, ...within(namespace), `--timeout=${withinSeconds}s`]);
    },
    exec: (pod, words, input) => run(["exec", ...inPod(pod), ...(input === undefined ? [] : ["--stdin"]), "--", ...words], input),
    logs: (pod, { previous = false } = {}) => run(["logs", ...inPod(pod), ...(previous ? ["--previous"] : [])]),
  };
}
