import { expect, test } from "vitest";
import { type ClientOptions, client } from "../../../operator/kube/client.ts";
import type { Kube } from "../../../operator/kube/kube.ts";
import { KubeError } from "../../../operator/kube/kube-error.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { aConfigMap, sharedApiServer } from "./shared-api-server.ts";
import { type TroubledLine, troubledLine } from "./troubled-line.ts";

const by = (fieldManager: string) => ({ fieldManager });
const shop = { namespace: "trial", name: "shop" };

onOwnNode("the client", () => {
  const { server, kube } = sharedApiServer();

  test("applies our fields, leaves those of others alone, and takes away what we no longer say", async () => {
    await kube().apply(aConfigMap("shop", { ours: "1", also: "1" }), by("us"));
    await kube().apply(aConfigMap("shop", { theirs: "2" }), by("them"));

    const told = await kube().apply(aConfigMap("shop", { ours: "3" }), by("us"));

    expect(told.data).toEqual({ ours: "3", theirs: "2" });
    expect(await kube().get("ConfigMap", shop)).toEqual(told);
  });

  test("changes nothing, not even the version, when what is applied is so already", async () => {
    const first = await kube().apply(aConfigMap("shop", { ours: "1" }), by("us"));
    const second = await kube().apply(aConfigMap("shop", { ours: "1" }), by("us"));

    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test("names the fields that are somebody else's, and takes them by force", async () => {
    await kube().apply(aConfigMap("shop", { price: "1" }), by("them"));

    const error = await errorOf(kube().apply(aConfigMap("shop", { price: "2" }), by("us")));
    const taken = await kube().apply(aConfigMap("shop", { price: "2" }), { ...by("us"), force: true });

    expect(error).toMatchObject({ code: 409, reason: "Conflict", causes: [{ reason: "FieldManagerConflict", field: ".data.price" }] });
    expect(error.message).toContain("them");
    expect(taken.data).toEqual({ price: "2" });
  });

  test("writes a status beside the rest, and the rest beside the status", async () => {
    const selector = { matchLabels: { app: "shop" } };
    const template = { metadata: { labels: { app: "shop" } }, spec: { containers: [{ name: "main", image: "none" }] } };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: shop };
    await kube().apply({ ...deployment, spec: { selector, template, replicas: 2 } }, by("us"));

    await kube().apply({ ...deployment, status: { replicas: 2, readyReplicas: 1 } }, { ...by("us"), subresource: "status" });
    await kube().patch("Deployment", shop, { spec: { replicas: 5 } }, { subresource: "scale" });

    const { spec, status, metadata } = (await kube().get("Deployment", shop))!;
    expect([spec?.replicas, status?.readyReplicas, metadata.generation]).toEqual([5, 1, 2]);
    await kube().delete("Deployment", shop);
  });

  test("says what the API server says of what is there, not there, changed or wrong", async () => {
    const made = await kube().create(aConfigMap("shop", { a: "1" }));
    const { uid } = made.metadata;
    await kube().patch("ConfigMap", shop, { data: { a: "2" } });

    expect(await kube().get("ConfigMap", { namespace: "trial", name: "none" })).toBeUndefined();
    await kube().delete("ConfigMap", { namespace: "trial", name: "none" });
    expect(await errorOf(kube().create(aConfigMap("shop")))).toMatchObject({ code: 409, reason: "AlreadyExists" });
    expect(await errorOf(kube().replace(made))).toMatchObject({ code: 409, reason: "Conflict" });
    expect(await errorOf(kube().patch("ConfigMap", { ...shop, name: "none" }, {}))).toMatchObject({ code: 404, reason: "NotFound" });
    expect(await errorOf(kube().create(aConfigMap("Not A Name")))).toMatchObject({
      code: 422,
      reason: "Invalid",
      causes: [{ field: "metadata.name" }],
    });
    expect(await errorOf(kube().delete("ConfigMap", shop, { preconditions: { uid: "other" } }))).toMatchObject({ reason: "Conflict" });
    const test = { op: "test", path: "/data/a", value: "1" } as const;
    expect(await errorOf(kube().patch("ConfigMap", shop, [test]))).toMatchObject({ code: 422, reason: "Invalid" });

    await kube().patch("ConfigMap", shop, [
      { ...test, value: "2" },
      { op: "remove", path: "/data/a" },
    ]);
    await kube().create(aConfigMap("as-if"), { dryRun: true });
    expect((await kube().get("ConfigMap", shop))?.data).toBeUndefined();
    expect(await kube().get("ConfigMap", { namespace: "trial", name: "as-if" })).toBeUndefined();
    await kube().delete("ConfigMap", shop, { preconditions: { uid } });
    expect(await kube().list("ConfigMap", { namespace: "trial", labelSelector: "part=watched" })).toEqual([]);
  });

  test("refuses what no cluster could mend before it asks one", async () => {
    await expect(kube().get("ConfigMap", { name: "shop" })).rejects.toThrow("ConfigMap shop needs a namespace");
    await expect(kube().create({ apiVersion: "v1", kind: "Cheese", metadata: { name: "shop" } })).rejects.toThrow("no kind Cheese of v1");
  });

  test("lists page by page, each object whole, and begins again when the server forgot the first page", async () => {
    await Promise.all(Array.from({ length: 12 }, (_, i) => kube().create(aConfigMap(`shop-${i}`))));
    await using trial = await onLine();
    const forgotten = { kind: "answer", code: 410, body: { kind: "Status", code: 410, reason: "Expired" } } as const;
    let times = 1;
    trial.line.trouble = ({ path }) => (path.includes("continue=") && times-- > 0 ? forgotten : undefined);

    const found = await trial.kube.list("ConfigMap", { namespace: "trial", labelSelector: "part=watched", pageSize: 5 });

    expect(found.map(({ metadata }) => metadata.name).toSorted()).toEqual(Array.from({ length: 12 }, (_, i) => `shop-${i}`).toSorted());
    expect(found[0]).toMatchObject({ apiVersion: "v1", kind: "ConfigMap" });
    expect(trial.line.requests).toHaveLength(5);
  });

  test("needs one connection for many requests, and sixteen for many at once", async () => {
    await using trial = await onLine();

    for (let i = 0; i < 200; i++) await trial.kube.get("Namespace", { name: "trial" });
    expect(trial.line.connections).toBe(1);
    await Promise.all(Array.from({ length: 200 }, () => trial.kube.get("Namespace", { name: "trial" })));

    expect(trial.line.connections).toBe(16);
  });

  test("waits as long as a server that is too busy asks for, and comes again", async () => {
    await using trial = await onLine();
    const busy = {
      kind: "answer",
      code: 429,
      headers: { "retry-after": "1" },
      body: "Too many requests, please try again later.",
    } as const;
    let times = 2;
    trial.line.trouble = () => (times-- > 0 ? busy : undefined);
    const began = performance.now();

    await trial.kube.create(aConfigMap("shop"));

    expect(trial.line.requests).toHaveLength(3);
    expect(performance.now() - began).toBeGreaterThan(2000);
    trial.line.trouble = () => ({ ...busy, headers: { "retry-after": "60" } });
    expect(await errorOf(trial.kube.get("ConfigMap", shop))).toMatchObject({ code: 429, reason: "TooManyRequests", retryAfterSeconds: 60 });
  });

  test("tells of a fault in one kind of error, whatever broke, and asks again only where that is safe", async () => {
    await using trial = await onLine({ requestSeconds: 1 });
    const tryWith = async (trouble: ReturnType<TroubledLine["trouble"]>, act: () => Promise<unknown>) => {
      const before = trial.line.requests.length;
      trial.line.trouble = () => trouble;
      const { code, reason, message } = await errorOf(act());
      return { code, reason, message, asked: trial.line.requests.length - before };
    };
    const read = () => trial.kube.get("ConfigMap", shop);
    const write = () => trial.kube.create(aConfigMap("shop"));

    expect(await tryWith({ kind: "answer", code: 500, body: "<html>Oops</html>" }, read)).toEqual({
      code: 500,
      reason: "InternalError",
      message: "GET /api/v1/namespaces/trial/configmaps/shop: HTTP 500: <html>Oops</html>",
      asked: 1,
    });
    expect(await tryWith({ kind: "reset" }, read)).toMatchObject({ code: 0, reason: "Unreachable", asked: 2 });
    expect(await tryWith({ kind: "reset" }, write)).toMatchObject({ code: 0, reason: "Unreachable", asked: 1 });
    expect(await tryWith({ kind: "half an answer" }, write)).toMatchObject({ code: 0, reason: "Unreachable", asked: 1 });
    expect(await tryWith({ kind: "stall" }, write)).toMatchObject({ code: 0, reason: "NoAnswerInTime", asked: 1 });
    expect(await tryWith({ kind: "answer", code: 200, body: "no JSON" }, write)).toMatchObject({
      code: 0,
      reason: "Unreachable",
      asked: 1,
    });

    trial.line.trouble = () => undefined;
    expect(await read()).toBeDefined(); // that which got half an answer was done
  });

  test("asks nothing more, and cuts what is under way, when the right to act is lost", async () => {
    await using trial = await onLine();
    const loss = new AbortController();
    let byClock = true;
    const fenced = trial.kube.under({ signal: loss.signal, holds: () => byClock });
    await fenced.create(aConfigMap("before"));

    byClock = false; // as in a process that was stopped and has just been woken
    expect(await errorOf(fenced.create(aConfigMap("late")))).toMatchObject({ code: 0, reason: "Fenced" });
    byClock = true;
    trial.line.trouble = () => ({ kind: "stall" });
    const underWay = errorOf(fenced.create(aConfigMap("cut")));
    await new Promise((resolve) => setTimeout(resolve, 100));
    loss.abort();
    expect(await underWay).toMatchObject({ reason: "Fenced" });
    trial.line.trouble = () => undefined;
    expect(await errorOf(fenced.create(aConfigMap("later")))).toMatchObject({ reason: "Fenced" });

    expect(trial.line.requests.map(({ method }) => method)).toEqual(["POST", "POST"]);
    expect(
      (await trial.kube.list("ConfigMap", { namespace: "trial", labelSelector: "part" })).map(({ metadata }) => metadata.name),
    ).toEqual(["before"]);
  });

  async function onLine(options?: ClientOptions): Promise<{ line: TroubledLine; kube: Kube } & AsyncDisposable> {
    const line = await troubledLine(server());
    const own = client(line.access, options);
    const end = async () => {
      await own[Symbol.asyncDispose]();
      await line[Symbol.asyncDispose]();
    };
    return { line, kube: own, [Symbol.asyncDispose]: end };
  }
});

async function errorOf(act: Promise<unknown>): Promise<KubeError> {
  const error = await act.then(
    () => new Error("it succeeded"),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error;
}
