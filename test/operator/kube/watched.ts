import { client } from "../../../operator/kube/client.ts";
import type { Kube } from "../../../operator/kube/kube.ts";
import { type Reflector, type ReflectorOptions, reflect } from "../../../operator/kube/reflector.ts";
import { aConfigMap } from "./shared-api-server.ts";
import type { TroubledLine } from "./troubled-line.ts";

/** The objects of `aConfigMap`. */
export const selected = { namespace: "trial", labelSelector: "part=watched" };
const impatient = { backoffMs: { first: 20, most: 200 } };

/** A reflector on a troubled line, by a client of its own. */
export async function watch(line: TroubledLine, options: Partial<ReflectorOptions<"ConfigMap">>) {
  const own = client(line.access, { requestSeconds: 2 });
  const watched = await watchBy(own, options);
  const stop = async () => {
    await watched[Symbol.asyncDispose]();
    await own[Symbol.asyncDispose]();
  };
  return { ...watched, [Symbol.asyncDispose]: stop };
}

/** A reflector, and what those know who only listen to its handlers. */
export async function watchBy(own: Kube, options: Partial<ReflectorOptions<"ConfigMap">>) {
  const troubles: Error[] = [];
  const heard = new Map<string, string>();
  const wrong: string[] = [];
  const changes: string[] = [];
  const reflector = reflect(own, "ConfigMap", {
    ...selected,
    ...impatient,
    ...options,
    onTrouble: (error) => troubles.push(error),
    handlers: {
      add: ({ metadata: { name, resourceVersion } }) => {
        changes.push(`add ${name}`);
        if (heard.has(name)) wrong.push(`${name} was added twice`);
        heard.set(name, resourceVersion);
      },
      update: ({ metadata: { name, resourceVersion, uid } }, before) => {
        changes.push(`update ${name}`);
        if (heard.get(name) !== before.metadata.resourceVersion) wrong.push(`${name} was not what it is said to have been`);
        if (uid !== before.metadata.uid) wrong.push(`${name} was another before`);
        heard.set(name, resourceVersion);
      },
      delete: ({ metadata: { name } }) => {
        changes.push(`delete ${name}`);
        if (!heard.delete(name)) wrong.push(`${name} was deleted, and nobody had heard of it`);
      },
    },
  });
  await reflector.whenSynced();
  return { reflector, troubles, heard, wrong, changes, [Symbol.asyncDispose]: () => reflector.stop() };
}

/** Where cache, handlers and API server do not agree. */
export async function differences(
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
export async function turmoil(kube: Kube): Promise<void> {
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
