import { describe, expect, test } from "vitest";
import { client } from "../../../operator/kube/client.ts";
import type { Kube } from "../../../operator/kube/kube.ts";
import { type Reflector, type ReflectorOptions, reflect } from "../../../operator/kube/reflector.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { aConfigMap, sharedApiServer } from "./shared-api-server.ts";
import { type TroubledLine, troubledLine } from "./troubled-line.ts";

const selected = { namespace: "trial", labelSelector: "part=watched" };
const impatient = { backoffMs: { first: 20, most: 200 } };

onOwnNode("a reflector", () => {
  const { server, kube } = sharedApiServer();

  test("holds what the API server has, page by page, and follows what is made, changed and deleted", async () => {
    await Promise.all(Array.from({ length: 25 }, (_, i) => kube().create(aConfigMap(`first-${i}`))));
    await kube().create(aConfigMap("other", {}, { part: "unwatched" }));
    await using line = await troubledLine(server());
    await using watched = await watch(line, { pageSize: 10 });

    expect(await differences(watched, kube())).toEqual([]);
    await turmoil(kube());

    await eventually(async () => expect(await differences(watched, kube())).toEqual([]), { withinSeconds: 10 });
    expect(watched.reflector.get("trial", "other")).toBeUndefined();
    expect(line.requests.filter(({ path }) => path.includes("limit=10"))).toHaveLength(3);
    expect(line.watches).toBe(1);
    expect(watched.reflector.list("elsewhere")).toEqual([]);
  });

  test("keeps no managedFields, and only what it is told to", async () => {
    await kube().apply(aConfigMap("big", { text: "x".repeat(1000) }), { fieldManager: "test" });
    await using line = await troubledLine(server());
    await using whole = await watch(line, {});
    await using thin = await watch(line, { keep: ({ data: _, ...object }) => object });

    expect(whole.reflector.get("trial", "big")).toMatchObject({ kind: "ConfigMap", data: { text: expect.any(String) } });
    expect(whole.reflector.get("trial", "big")!.metadata).not.toHaveProperty("managedFields");
    expect(thin.reflector.get("trial", "big")).not.toHaveProperty("data");
  });

  describe("has the truth again after", () => {
    const faults: { [name: string]: (line: TroubledLine) => unknown } = {
      "every connection is reset": (line) => line.reset(),
      "the watch breaks in the middle of an event": (line) => line.breakInNextEvent(),
      "the watch stalls without a word": (line) => line.freeze(),
      "the API server is away for a while": async (line) => {
        line.trouble = () => ({ kind: "reset" });
        line.reset();
        await turmoil(kube());
      },
      "watches are answered 500, then 429, then 503 in words": (line) =>
        next(line, ({ isWatch }) => isWatch, [
          { kind: "answer", code: 500, body: { kind: "Status", code: 500, reason: "InternalError", message: "etcd" } },
          { kind: "answer", code: 429, headers: { "retry-after": "1" }, body: "Too many requests, please try again later." },
          { kind: "answer", code: 503, body: "apiserver not ready" },
        ]),
      "the server forgot the version, said by HTTP": (line) =>
        next(line, ({ isWatch }) => isWatch, [
          { kind: "answer", code: 410, body: { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" } },
        ]),
      "the server forgot the version, said by an event of a real one": (line) =>
        next(line, ({ isWatch }) => isWatch, [
          { kind: "other path", path: "/api/v1/namespaces/trial/configmaps?watch=true&resourceVersion=1&labelSelector=part%3Dwatched" },
        ]),
      "the version is one that the server has not reached, as after a restore": (line) =>
        next(line, ({ isWatch }) => isWatch, [
          { kind: "answer", code: 504, body: { kind: "Status", code: 504, reason: "Timeout", message: "Too large resource version" } },
        ]),
      "a new list is refused, stalls, breaks and expires half-way": (line) => {
        const forgotten = { kind: "answer", code: 410, body: { kind: "Status", code: 410, reason: "Expired" } } as const;
        const watches = next(line, ({ isWatch }) => isWatch, [forgotten], "keep");
        const lists = next(
          line,
          ({ path }) => path.includes("limit="),
          [{ kind: "answer", code: 500, body: "no" }, { kind: "stall" }, { kind: "half an answer" }, { kind: "reset" }, { kind: "reset" }],
          "keep",
        );
        const more = next(
          line,
          ({ path }) => path.includes("continue="),
          [forgotten, { kind: "half an answer" }, { kind: "reset" }],
          "keep",
        );
        line.trouble = (ask) => watches(ask) ?? more(ask) ?? lists(ask);
        line.reset();
      },
    };
    for (const [name, fault] of Object.entries(faults))
      test(name, async () => {
        await Promise.all(Array.from({ length: 12 }, (_, i) => kube().create(aConfigMap(`first-${i}`))));
        await using line = await troubledLine(server());
        await using watched = await watch(line, { pageSize: 5, silenceSeconds: name.includes("stalls without") ? 2 : undefined });
        await eventually(() => expect(line.watches).toBe(1), { everyMs: 10 });

        await fault(line);
        await turmoil(kube());
        await new Promise((resolve) => setTimeout(resolve, 300));
        await turmoil(kube());
        await eventually(() => expect(watched.troubles).not.toEqual([]), { withinSeconds: 10 }); // else the fault was none
        if (name.includes("away")) line.trouble = () => undefined;

        await eventually(async () => expect(await differences(watched, kube())).toEqual([]), { withinSeconds: 30 });
        await kube().create(aConfigMap("afterwards"));
        await eventually(() => expect(watched.reflector.get("trial", "afterwards")).toBeDefined(), { withinSeconds: 10 });
        expect(watched.reflector.stalenessSeconds()).toBeLessThan(10);
        await eventually(() => expect(line.watches).toBe(1));
      });
  });
});

/** A reflector over the line, and what those know who only listen to its handlers. */
async function watch(line: TroubledLine, options: Partial<ReflectorOptions<"ConfigMap">>) {
  const troubles: Error[] = [];
  const heard = new Map<string, string>();
  const wrong: string[] = [];
  const own = client(line.access, { requestSeconds: 2 });
  const reflector = reflect(own, "ConfigMap", {
    ...selected,
    ...impatient,
    ...options,
    onTrouble: (error) => troubles.push(error),
    handlers: {
      add: ({ metadata: { name, resourceVersion } }) => {
        if (heard.has(name)) wrong.push(`${name} was added twice`);
        heard.set(name, resourceVersion);
      },
      update: ({ metadata: { name, resourceVersion, uid } }, before) => {
        if (heard.get(name) !== before.metadata.resourceVersion) wrong.push(`${name} was not what it is said to have been`);
        if (uid !== before.metadata.uid) wrong.push(`${name} was another before`);
        heard.set(name, resourceVersion);
      },
      delete: ({ metadata: { name } }) => {
        if (!heard.delete(name)) wrong.push(`${name} was deleted, and nobody had heard of it`);
      },
    },
  });
  await reflector.whenSynced();
  const stop = async () => {
    await reflector.stop();
    await own[Symbol.asyncDispose]();
  };
  return { reflector, troubles, heard, wrong, [Symbol.asyncDispose]: stop };
}

/** Where cache, handlers and API server do not agree. */
async function differences(
  { reflector, heard, wrong }: { reflector: Reflector<"ConfigMap">; heard: Map<string, string>; wrong: string[] },
  kube: Kube,
) {
  const truth = (await kube.list("ConfigMap", selected)).map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
  const cached = reflector.list().map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);
  const told = [...heard].map(([name, version]) => `${name} ${version}`);
  return [
    ...wrong,
    ...notIn(truth, cached, "is not cached"),
    ...notIn(cached, truth, "is not there"),
    ...notIn(told, truth, "was told of"),
    ...notIn(truth, told, "was not told of"),
  ];
}

const notIn = (these: string[], those: string[], what: string): string[] =>
  these.filter((one) => !those.includes(one)).map((one) => `${one} ${what}`);

let round = 0;
/** Something of everything that can happen to objects; also a name that is deleted and made anew. */
async function turmoil(kube: Kube): Promise<void> {
  round++;
  await kube.create(aConfigMap(`made-${round}`));
  const all = await kube.list("ConfigMap", selected);
  const [gone, changed, unselected, again] = all
    .toSorted(() => Math.random() - 0.5)
    .map(({ metadata: { namespace, name } }) => ({ namespace, name }));
  await kube.delete("ConfigMap", gone!);
  await kube.patch("ConfigMap", changed!, { data: { round: `${round}` } });
  await kube.patch("ConfigMap", unselected!, { metadata: { labels: { part: "unwatched" } } });
  await kube.delete("ConfigMap", again!);
  await kube.create(aConfigMap(again!.name, { round: `${round}` }));
}

type Ask = Parameters<TroubledLine["trouble"]>[0];
type Answers = NonNullable<ReturnType<TroubledLine["trouble"]>>[];
/** The next requests of a kind meet these troubles, one each; then all is well. Unless it is kept for later, it begins now, on new connections. */
function next(line: TroubledLine, which: (ask: Ask) => boolean, troubles: Answers, keep?: "keep"): TroubledLine["trouble"] {
  const left = [...troubles];
  const trouble = (ask: Ask) => (which(ask) ? left.shift() : undefined);
  if (keep) return trouble;
  line.trouble = trouble;
  line.reset();
  return trouble;
}
