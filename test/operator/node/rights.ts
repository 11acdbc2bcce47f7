import { expect, test } from "vitest";
import type { Cluster } from "../../cluster/cluster.ts";
import type { KubeObject, PodName } from "../../cluster/kubectl.ts";
import type { Shop } from "./shop.ts";

export function rightsTests(cluster: () => Cluster, shop: () => Shop): void {
  test("has no pod whose account may read a Secret, and none but Postgres' has a token to ask anything by", async () => {
    const { namespace } = shop();
    const pods = await shop().list("pods");
    const accounts = new Set(pods.map(({ spec }) => spec.serviceAccountName as string));

    expect(accounts.has("default")).toBe(false);
    for (const account of accounts)
      for (const what of forbidden)
        expect(await may(`system:serviceaccount:${namespace}:${account}`, what), `${account} ${what}`).toBe(false);

    const withToken = pods.filter(({ spec }) => spec.volumes?.some((volume: { projected?: unknown }) => volume.projected));
    expect(new Set(withToken.map(partOf))).toEqual(new Set(["postgres"]));

    const answers = await asked({ namespace, name: "shop-postgres-0" }, [
      `/api/v1/namespaces/${namespace}/configmaps/shop-postgres-leader`,
      `/api/v1/namespaces/${namespace}/secrets/shop-credentials`,
      `/api/v1/namespaces/${namespace}/secrets/shop-postgres`,
      `/api/v1/namespaces/${namespace}/secrets`,
      "/api/v1/secrets",
      "/apis/satang.dev/v1alpha1/paymentsystems",
    ]);
    expect(answers).toEqual([200, 403, 403, 403, 403, 403]); // the first tells that the token is one

    async function may(who: string, what: readonly string[]): Promise<boolean> {
      const answer = await cluster()
        .kubectl("auth", "can-i", ...what, "--as", who, "--namespace", namespace)
        .catch((error) => error.out as string);
      expect(answer).toMatch(/^(yes|no)\n$/); // it understood the question
      return answer === "yes\n";
    }
  });

  /** Asks the API server from inside a pod, by the pod's own token. */
  async function asked(pod: PodName, paths: string[]): Promise<number[]> {
    return JSON.parse(await cluster().exec(pod, ["python3", "-c", program, ...paths]));
  }
}

const partOf = ({ metadata }: KubeObject): string | undefined => metadata.labels?.["app.kubernetes.io/component"];

const forbidden = [
  ["get", "secrets"],
  ["list", "secrets"],
  ["get", "paymentsystems"],
  ["create", "pods"],
  ["create", "pods", "--subresource=exec"],
  ["delete", "configmaps"],
];

const program = `
import json, ssl, sys, urllib.error, urllib.request
folder = "/var/run/secrets/kubernetes.io/serviceaccount/"
token = open(folder + "token").read()
def status(path):
    request = urllib.request.Request("https://kubernetes.default.svc" + path, headers={"Authorization": "Bearer " + token})
    try:
        return urllib.request.urlopen(request, context=ssl.create_default_context(cafile=folder + "ca.crt")).status
    except urllib.error.HTTPError as error:
        return error.code
print(json.dumps([status(path) for path in sys.argv[1:]]))`;
