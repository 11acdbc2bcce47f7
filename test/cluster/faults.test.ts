import { beforeAll, expect, test } from "vitest";
import { nodeImage } from "./build/base-images.ts";
import type { Cluster } from "./cluster.ts";
import { onOwnNode, sharedCluster } from "./cluster-tests.ts";
import { eventually } from "./eventually.ts";
import { fetchText, idle, programPod, sayName, service } from "./fixtures.ts";
import type { PodName } from "./kubectl.ts";

onOwnNode("a fault", () => {
  const cluster = sharedCluster({ images: async () => [await nodeImage()] });
  let pods: Pods;
  beforeAll(async () => {
    pods = await threePods(cluster());
  });

  test("cuts a pod from everything, open connections too, until it is healed", async () => {
    await using port = await cluster().forward(pods.a, 80);
    expect(await pods.ask("b", "a")).toBe("a");
    expect(await (await fetch(`http://${port.address}`)).text()).toBe("a"); // this connection is kept open

    const cut = await cluster().node.cut(pods.a, "everything");
    const [fromPeer, throughService, out, ofOurs] = await Promise.all([
      pods.ask("b", "a"),
      pods.askService("b", "a"),
      pods.askApiServer("a"),
      fetch(`http://${port.address}`, { signal: AbortSignal.timeout(2000) }).then(
        () => "answered",
        () => "failed",
      ),
    ]);
    const others = await pods.ask("b", "c");
    await cut.heal();

    expect([fromPeer, throughService, out, ofOurs]).toEqual([timedOut, timedOut, timedOut, "failed"]);
    expect(others).toBe("c");
    expect(await pods.ask("b", "a")).toBe("a");
    expect(await pods.askApiServer("a")).toBe(answered);
  });

  test("cuts a pod from the API server only", async () => {
    expect(await pods.askApiServer("a")).toBe(answered);

    const cut = await cluster().node.cut(pods.a, "the API server");
    const [cutOff, peer, other] = await Promise.all([pods.askApiServer("a"), pods.ask("a", "b"), pods.askApiServer("b")]);
    await cut.heal();

    expect([cutOff, peer, other]).toEqual([timedOut, "b", answered]);
    expect(await pods.askApiServer("a")).toBe(answered);
  });

  test("cuts a pod from one peer only, also where it goes through the peer's Service", async () => {
    const cut = await cluster().node.cut(pods.a, pods.b);
    const direct = await Promise.all([pods.ask("a", "b"), pods.ask("b", "a")]);
    const throughService = await Promise.all([pods.askService("a", "b"), pods.askService("b", "a")]);
    const others = await Promise.all([pods.ask("a", "c"), pods.ask("c", "b"), pods.askApiServer("a")]);
    await cut.heal();

    expect([...direct, ...throughService]).toEqual([timedOut, timedOut, timedOut, timedOut]);
    expect(others).toEqual(["c", "b", answered]);
    expect(await pods.ask("a", "b")).toBe("b");
  });

  test("kills a container's first process by SIGKILL, and the kubelet starts the container again", async () => {
    const before = await statusOf(cluster(), pods.a);

    await cluster().node.signal(pods.a, "SIGKILL");

    await eventually(async () => expect((await statusOf(cluster(), pods.a)).restartCount).toBe(before.restartCount + 1));
    await cluster().wait("pod/a", "condition=Ready", { namespace: pods.a.namespace });
    expect((await statusOf(cluster(), pods.a)).lastState.terminated.exitCode).toBe(137);
    expect(await pods.ask("b", "a")).toBe("a");
  });

  test.for(["gone", "hangs"] as const)("takes the API server away (%s) while workloads go on, and gives it back", async (kind) => {
    await using port = await cluster().forward(pods.a, 80);

    const outage = await cluster().node.outage(kind);
    const asked = await cluster()
      .kubectl("get", "nodes", "--request-timeout=2s")
      .then(
        () => answered,
        () => "failed",
      );
    const workload = await (await fetch(`http://${port.address}`)).text();
    await outage.heal();

    expect([asked, workload]).toEqual(["failed", "a"]);
    expect(await cluster().kubectl("get", "nodes", "--output=name")).toBe("node/node\n");
  });

  test("restarts the kubelet without any container noticing", async () => {
    const before = await statusOf(cluster(), pods.a);

    await cluster().node.restartKubelet();
    await cluster().apply(programPod(pods.a.namespace, "later", idle));
    await cluster().wait("pod/later", "condition=Ready", { namespace: pods.a.namespace });

    expect((await statusOf(cluster(), pods.a)).containerID).toBe(before.containerID);
    expect((await statusOf(cluster(), pods.a)).restartCount).toBe(before.restartCount);
  });
});

const timedOut = "failed: TimeoutError";
const answered = "answered";

interface Pods {
  a: PodName;
  b: PodName;
  /** What `from` gets from `to`, at its own address. */
  ask(from: string, to: string): Promise<string>;
  askService(from: string, to: string): Promise<string>;
  askApiServer(from: string): Promise<string>;
}

/** Pods a, b and c, each a server with a Service. */
async function threePods(cluster: Cluster): Promise<Pods> {
  const namespace = await cluster.namespace();
  const names = ["a", "b", "c"];
  await cluster.apply(...names.flatMap((name) => [programPod(namespace.name, name, sayName), service(namespace.name, name)]));
  await cluster.wait(
    names.map((name) => `pod/${name}`),
    "condition=Ready",
    { namespace: namespace.name },
  );
  const pod = (name: string) => ({ namespace: namespace.name, name });
  const addresses = new Map(
    (await cluster.list("pods", { namespace: namespace.name })).map(({ metadata, status }) => [metadata.name, status.podIP]),
  );
  const get = async (from: string, url: string) => (await cluster.exec(pod(from), fetchText(url))).trim();
  const pods: Pods = {
    a: pod("a"),
    b: pod("b"),
    ask: (from, to) => get(from, `http://${addresses.get(to)}:8080`),
    askService: (from, to) => get(from, `http://${to}.${namespace.name}`), // a pod's bare name is the pod itself to it
    askApiServer: async (from) => {
      const got = await get(from, "https://kubernetes.default.svc"); // pods here do not know its authority: a certificate that arrives is an answer
      return /CERT|SIGN/.test(got) ? answered : got;
    },
  };
  // An endpoint is known a moment after its pod is Ready.
  await Promise.all(names.map((name) => eventually(async () => expectName(await pods.askService("a", name), name))));
  return pods;
}

function expectName(answer: string, name: string): void {
  if (answer !== name) throw new Error(`service ${name} answers ${answer}`);
}

async function statusOf(cluster: Cluster, pod: PodName) {
  return (await cluster.get("pod", pod.name, pod.namespace)).status.containerStatuses[0];
}
