import { beforeAll, expect, test } from "vitest";
import { onOwnNode, sharedCluster } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { ourImages } from "../../operator/node/installed.ts";
import { startLoad } from "../../operator/node/payment-load.ts";
import { reached } from "../../operator/node/reached.ts";
import { openShop, type Shop } from "../../operator/node/shop.ts";
import { tinyShopWithSentinels } from "../../operator/node/tiny-shop.ts";
import { commandsIn } from "../documentation/commands-in.ts";
import { type Shell, shellOf } from "./with-helm.ts";

const system = "satang-system";
const install = `helm install satang-operator charts/satang-operator -n ${system} --create-namespace --wait --timeout 5m --set image.registry=satang.test`;
const pay = `helm test satang-operator -n ${system} --logs --timeout 10m`;

// In order: each begins with what the one before has left.
onOwnNode("Helm", () => {
  const cluster = sharedCluster({ images: ourImages, enforcesPolicies: true });
  let shell: Shell;
  beforeAll(async () => {
    shell = await shellOf(cluster());
    await shell(`kubectl create namespace ${system} && kubectl label namespace ${system} pod-security.kubernetes.io/enforce=restricted`);
  });
  const shop = async () => JSON.parse(await shell("kubectl get psys shop -n default -o json"));

  test("installs, and what it prints then makes a system that pays", async () => {
    await shell(install);
    const notes = await shell(`helm get notes satang-operator -n ${system}`);

    await shell(commandAfter("Create your first payment system", notes));

    expect((await shop()).spec.postgres.instances).toBe(3); // it was `spec: {}`
    expect(await shell(commandAfter("See it make a payment", notes))).toMatch(
      /pay_\w+: 350\.00 THB paid and settled in PaymentSystem default\/shop/,
    );
  }, 1_200_000);

  test("upgrades the operator under load without a payment that fails", async () => {
    await using load = await startLoad(cluster(), { namespace: "default", get: (kind, name) => cluster().get(kind, name, "default") });
    const begun = performance.now();

    await load.during("helm upgrade", () =>
      shell(
        `helm upgrade satang-operator charts/satang-operator -n ${system} --reuse-values --wait --timeout 5m --set logging.level=debug`,
      ),
    );

    expect([...load.refusals(begun)]).toEqual([]);
    expect(await load.end()).toMatchObject({ lost: 0, doubled: 0, faults: [] });
  }, 600_000);

  test("keeps systems, their pods and their data when the operator is uninstalled, and takes them up when it is installed again", async () => {
    const before = await shop();
    const pods = async () => (await cluster().list("pods", { namespace: "default" })).map(({ metadata }) => metadata.uid).toSorted();
    const running = await pods();

    await shell(`helm uninstall satang-operator -n ${system} --wait`);
    const without = await shop();
    const stayed = await pods();
    await shell(install);
    await shell("kubectl wait --for=condition=Ready psys/shop -n default --timeout=5m");

    expect(without.metadata.uid).toBe(before.metadata.uid);
    expect(stayed).toEqual(running);
    expect(await shell(pay)).toContain("paid and settled in PaymentSystem default/shop");
    expect((await shop()).metadata.uid).toBe(before.metadata.uid);
    expect(await pods()).toEqual(running);
  }, 900_000);

  test("installs for one namespace that enforces `restricted`, with Roles and a bounded way out only, and pays there", async () => {
    await shell(`helm uninstall satang-operator -n ${system} --wait && kubectl delete psys shop -n default --wait`);
    await using trade = await openShop(cluster());
    const values = `--set watchNamespaces={${trade.namespace}} --set networkPolicy.restrictEgress=true --set crds.install=false`;

    await shell(`${install} ${values}`);
    await trade.apply(tinyShopWithSentinels);
    await trade.ready(300);

    expect(await shell(pay)).toContain(`paid and settled in PaymentSystem ${trade.namespace}/shop`);
    const may = (what: string) => shell(`kubectl auth can-i ${what} --as system:serviceaccount:${system}:satang-operator || true`);
    expect(await may("list secrets -A")).toBe("no\n");
    expect(await may(`list secrets -n ${trade.namespace}`)).toBe("yes\n");

    const called = await doorsOf(trade);
    const reachable = () => reached(cluster(), { namespace: system, name: "deployment/satang-operator" }, called);
    expect(await reachable()).toEqual(["figures of the dispatcher", "Patroni", "Sentinel"]);
    await shell(`helm upgrade satang-operator charts/satang-operator -n ${system} --reuse-values --set networkPolicy.restrictEgress=false`);
    await eventually(async () => expect(await reachable()).toContain("the API"), { withinSeconds: 30 }); // so it was the policy that kept it from there
  }, 900_000);

  test("brings a reader of docs/getting-started.md to a payment, by the commands of the page", async () => {
    await shell(`helm uninstall satang-operator -n ${system} --wait`);
    const commands = commandsIn("docs/getting-started.md", { marked: "in-cluster" }).map((one) =>
      one.replaceAll("satang.local", "satang.test"),
    );

    const said = [];
    for (const one of commands) said.push(await shell(one));

    expect(commands).toHaveLength(4);
    expect(said[2]).toContain("paid and settled in PaymentSystem default/shop");
  }, 900_000);
});

/** What of a system the operator asks, and the API, which anybody may ask and it does not. */
async function doorsOf(shop: Shop): Promise<Record<string, string>> {
  const address = async (part: string) => (await shop.list("pods", part))[0]!.status.podIP as string;
  return {
    "figures of the dispatcher": `${await address("dispatcher")}:9090`,
    Patroni: `${await address("postgres")}:8008`,
    Sentinel: `${await address("redis")}:26379`,
    "the API": `${await address("api")}:4000`,
  };
}

/** The commands that the notes print below a line that begins so. */
function commandAfter(beginning: string, notes: string): string {
  const lines = notes.split("\n");
  const from = lines.findIndex((line) => line.startsWith(beginning)) + 1;
  const indented = lines.slice(from + 1).findIndex((line) => line !== "" && !line.startsWith("  "));
  return lines
    .slice(from + 1, indented < 0 ? undefined : from + 1 + indented)
    .map((line) => line.slice(2))
    .join("\n");
}
