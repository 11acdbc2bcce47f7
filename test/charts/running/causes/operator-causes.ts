import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../../../cluster/eventually.ts";
import type { KubeObject } from "../../../cluster/kubectl.ts";
import type { Cable } from "../../../operator/api-server/cable.ts";
import type { OperatorProcess } from "../../../operator/api-server/operator-process.ts";
import { systemsOf } from "../../../operator/api-server/systems.ts";
import type { Trial } from "../../../operator/api-server/trial.ts";
import type { Cause } from "../cause.ts";

const fieldManager = "test";

/** What an API server, and who else works on it, do to an operator: each in a namespace of its own. */
export function apiServerCauses({ server, kube }: Pick<Trial, "server" | "kube">) {
  const within = async (namespace: string, policy: readonly object[], isRefused: string | undefined) => {
    await kube().apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }, { fieldManager });
    if (policy.length > 0) await server().apply(...(policy as KubeObject[]));
    if (isRefused) await eventually(() => refusal(namespace, isRefused)); // a policy holds a moment after it was written
    return systemsOf(kube, namespace);
  };
  /** Throws unless a Service there is refused with these words. */
  async function refusal(namespace: string, words: string): Promise<void> {
    const said = await server()
      .kubectl("create", "service", "clusterip", "tried", "--tcp=80", "--namespace", namespace, "--dry-run=server")
      .then(
        () => "nothing",
        (error: Error) => error.message,
      );
    if (!said.includes(words)) throw new Error(`a Service is not refused: ${said}`);
  }

  const refused: Cause = {
    alerts: ["SatangOperatorRefused"],
    what: "an admission policy that takes no Service",
    labels: { namespace: "satang-system" },
    async produce() {
      const { make } = await within("refused", refusing("refused"), "none are taken here");
      await make("shop");
    },
    end: () => server().delete("ValidatingAdmissionPolicyBinding", "refused"),
  };
  const failing: Cause = {
    alerts: ["SatangReconcileFails"],
    what: "an admission webhook that nobody answers",
    labels: { namespace: "satang-system" },
    async produce(fired) {
      const { make } = await within("failing", [unanswered("failing")], "failed calling webhook");
      for (let i = 0; !fired.aborted; i = (i + 1) % 5) {
        await make(`shop-${i}`, { paused: false });
        await sleep(5_000);
      }
    },
    end: () => server().delete("ValidatingWebhookConfiguration", "failing"),
  };
  const stripped: Cause = {
    alerts: ["SatangOperatorBusyForNothing"],
    what: "an admission policy that takes the operator's mark off what it applies, in a system whose pods come and go",
    labels: { namespace: "satang-system" },
    async produce(fired) {
      const { make, ready } = await within("stripped", stripping("stripped"), undefined);
      await make("shop");
      await ready("shop");
      for (let there = 0; !fired.aborted; there = 1 - there) {
        const status = { readyReplicas: there, availableReplicas: there };
        await kube().patch("Deployment", { namespace: "stripped", name: "shop-api" }, { status }, { subresource: "status" });
        await sleep(1_000);
      }
    },
    end: () => server().delete("MutatingAdmissionPolicyBinding", "stripped"),
  };
  const fought: Cause = {
    alerts: ["SatangOperatorBusyForNothing"],
    what: "somebody who sets the same field as often as it is taken back",
    labels: { namespace: "satang-system" },
    async produce(fired) {
      const { make, ready } = await within("fought", [], undefined);
      await make("shop");
      await ready("shop");
      while (!fired.aborted) {
        const selector = { "app.kubernetes.io/component": "another" };
        await kube().patch("Service", { namespace: "fought", name: "shop-simulator" }, { spec: { selector } }, { fieldManager: "hand" });
        await sleep(200);
      }
    },
  };
  return { refused, failing, stripped, fought };
}

/** One that does not lead, and hears nothing any more. */
export function blind(operator: OperatorProcess, cable: Cable): Cause {
  return {
    alerts: ["SatangOperatorBlind"],
    what: "an operator whose line to the API server is cut",
    labels: { namespace: "satang-system", pod: operator.name },
    produce: async () => cable.pull(),
    end: async () => cable.plugIn(),
  };
}

export const away = (operators: readonly OperatorProcess[]): Cause => ({
  alerts: ["SatangOperatorAway"],
  what: "no operator",
  produce: () => Promise.all(operators.map((operator) => operator.kill())),
});

const admission = "admissionregistration.k8s.io/v1";
const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } } });
const written = (apiGroup: string, resource: string) => ({
  apiGroups: [apiGroup],
  apiVersions: ["*"],
  operations: ["CREATE", "UPDATE"],
  resources: [resource],
});

const refusing = (name: string): object[] => [
  {
    apiVersion: admission,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      matchConstraints: { resourceRules: [written("", "services")] },
      validations: [{ expression: "false", message: "none are taken here", reason: "Forbidden" }],
    },
  },
  {
    apiVersion: admission,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"], matchResources: inNamespace(name) },
  },
];

const unanswered = (name: string): object => ({
  apiVersion: admission,
  kind: "ValidatingWebhookConfiguration",
  metadata: { name },
  webhooks: [
    {
      name: "nobody.example.com",
      clientConfig: { url: "https://127.0.0.1:1/" },
      rules: [written("", "services")],
      ...inNamespace(name),
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    },
  ],
});

const stripping = (name: string): object[] => [
  {
    apiVersion: admission,
    kind: "MutatingAdmissionPolicy",
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [written("", "services"), written("apps", "deployments"), written("networking.k8s.io", "networkpolicies")],
      },
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      matchConditions: [
        { name: "marked", expression: "has(object.metadata.annotations) && 'satang.dev/intent' in object.metadata.annotations" },
      ],
      mutations: [
        {
          patchType: "JSONPatch",
          jsonPatch: { expression: `[JSONPatch{op: "remove", path: "/metadata/annotations/" + jsonpatch.escapeKey("satang.dev/intent")}]` },
        },
      ],
    },
  },
  {
    apiVersion: admission,
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name, matchResources: inNamespace(name) },
  },
];
