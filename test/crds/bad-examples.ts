import { queueNames } from "../../crds/workers.ts";

/** Every queue, in YAML without the brackets. */
export const queues = queueNames.join(", ");

/** A spec in YAML, in which one rule is broken; whoever refuses it says `message` at `path`. */
export type BadExample = { readonly what: string; readonly spec: string; readonly path: string; readonly message: string };

/** A spec, and one that must not follow it. */
export type BadChange = {
  readonly what: string;
  readonly from: string;
  readonly to: string;
  readonly path: string;
  readonly message: string;
};

const bad = (what: string, spec: string, path: string, message: string): BadExample => ({ what, spec, path, message });
const badChange = (what: string, from: string, to: string, path: string, message: string): BadChange => ({ what, from, to, path, message });

const label = "must be 1 to 40 of a-z, 0-9 and -, begin with a letter and not end with -";
const objectName = "must be the name of an object: a-z, 0-9, - and ., such as my-object";

/** At least one for each rule of the definition. */
export const badExamples: readonly BadExample[] = [
  bad(
    "an API with fewer pods at most than at least",
    "{api: {replicas: {min: 3, max: 2}}}",
    "spec.api.replicas.max",
    "is below min: raise max or lower min",
  ),
  bad(
    "a pool with fewer pods at most than at least",
    `{workers: [{name: all, queues: [${queues}], replicas: {min: 21}}]}`,
    "spec.workers[0].replicas.max",
    "is below min: raise max or lower min",
  ),
  ...queueNames.map((queue) => {
    const others = queueNames.filter((other) => other !== queue);
    return bad(
      `queue ${queue} that no pool takes`,
      `{workers: [{name: a, queues: [${others}]}]}`,
      "spec.workers",
      `no pool takes queue ${queue}: add it to the queues of one`,
    );
  }),
  bad(
    "a queue twice",
    `{workers: [{name: a, queues: [${queues}, payments]}]}`,
    "spec.workers[0].queues",
    "names a queue twice: list each once",
  ),
  bad(
    "a pool twice",
    `{workers: [{name: a, queues: [${queues}]}, {name: a, queues: [payments]}]}`,
    "spec.workers",
    "names a pool twice: give each pool a name of its own",
  ),
  bad(
    "a provider twice",
    "{providers: [{name: a, kind: simulator}, {name: a, kind: simulator}]}",
    "spec.providers",
    "names a provider twice: give each a name of its own",
  ),
  bad("a pool's name that is no label", `{workers: [{name: A_b, queues: [${queues}]}]}`, "spec.workers[0].name", label),
  bad(
    "an external database without its Secret",
    "{postgres: {backend: external}}",
    "spec.postgres.secretName",
    "is missing: backend external needs the name of the Secret with the URLs",
  ),
  bad(
    "a managed database with a Secret of URLs",
    "{postgres: {secretName: mine}}",
    "spec.postgres.secretName",
    "would be left unread with backend managed: take it out, or set backend: external",
  ),
  bad(
    "several shards of an external database",
    "{postgres: {backend: external, secretName: mine, shards: 2}}",
    "spec.postgres.shards",
    "is for backend managed: with external set it to 1 or leave it out, for its Secret names one database",
  ),
  bad(
    "settings for an external database",
    "{postgres: {backend: external, secretName: mine, parameters: {work_mem: 8MB}}}",
    "spec.postgres.parameters",
    "would be left unread with backend external: set them on the database that you run",
  ),
  bad(
    "a standby required and none there",
    "{postgres: {instances: 1}}",
    "spec.postgres.instances",
    "must be 2 or more with durability required: raise it, or set durability: preferred",
  ),
  bad(
    "a setting of Postgres that durability stands on",
    "{postgres: {parameters: {fsync: 'off'}}}",
    "spec.postgres.parameters",
    "sets what Satang itself must decide: take out",
  ),
  bad(
    "a setting that Postgres cannot have",
    "{postgres: {parameters: {'Work Mem': 8MB}}}",
    "spec.postgres.parameters",
    "names something that is no setting of PostgreSQL: write names in lower case, such as max_connections",
  ),
  bad(
    "a setting that would begin another one",
    '{postgres: {parameters: {work_mem: "8MB\\nfsync = off"}}}',
    "spec.postgres.parameters",
    "has a value with a line break or a character beyond ASCII: write it in plain characters, on one line",
  ),
  bad(
    "an annotation's key that cannot be",
    "{api: {ingress: {host: a.example, annotations: {a/b/c: d}}}}",
    "spec.api.ingress.annotations",
    "has a key that cannot be: write name or example.com/name, of letters, digits, -, _ and .",
  ),
  bad(
    "an external Redis without its Secret",
    "{redis: {backend: external}}",
    "spec.redis.secretName",
    "is missing: backend external needs the name of the Secret with the URL",
  ),
  bad(
    "a managed Redis with a Secret of a URL",
    "{redis: {secretName: mine}}",
    "spec.redis.secretName",
    "would be left unread with backend managed: take it out, or set backend: external",
  ),
  bad(
    "settings for an external Redis",
    "{redis: {backend: external, secretName: mine, parameters: {timeout: '0'}}}",
    "spec.redis.parameters",
    "would be left unread with backend external: set them on the Redis that you run",
  ),
  bad(
    "an even number of Sentinels",
    "{redis: {replicas: 2}}",
    "spec.redis.replicas",
    "must be odd, so that Sentinels have a majority: 1, 3, 5, 7 or 9",
  ),
  bad(
    "a setting of Redis that queues stand on",
    "{redis: {parameters: {maxmemory-policy: allkeys-lru}}}",
    "spec.redis.parameters",
    "sets what Satang itself must decide: take out",
  ),
  bad(
    "a setting that Redis cannot have",
    "{redis: {parameters: {'': '1'}}}",
    "spec.redis.parameters",
    "names something that is no setting of Redis: write names in lower case, such as repl-backlog-size",
  ),
  bad(
    "live mode with the simulator",
    "{mode: live}",
    "spec.mode",
    "live takes no simulator, which moves no money: set mode: test, or name real providers",
  ),
  bad(
    "keys for the simulator",
    "{providers: [{name: a, kind: simulator, secretName: keys}]}",
    "spec.providers[0].secretName",
    "is for real providers: take it out, the simulator has no keys",
  ),
  bad("a Secret that cannot be", "{imagePullSecrets: [ok, Not_ok]}", "spec.imagePullSecrets[1]", objectName),
  bad(
    "an image that cannot be",
    "{image: 'my image'}",
    "spec.image",
    "must be the name of an image, such as registry.example.com/satang:1.2.3",
  ),
  bad(
    "a host with a scheme",
    "{api: {ingress: {host: 'https://pay.example.com'}}}",
    "spec.api.ingress.host",
    "must be a host name in lower case, without scheme and port, such as pay.example.com",
  ),
  bad(
    "CPU in bytes",
    "{api: {resources: {cpu: 1Gi}}}",
    "spec.api.resources.cpu",
    'must be a quantity of CPU in quotes, such as "2" or 500m',
  ),
  bad(
    "a quarter of a byte",
    "{api: {resources: {memory: 256m}}}",
    "spec.api.resources.memory",
    "must be a number of bytes with Mi, Gi or Ti, such as 256Mi or 10Gi",
  ),
];

/** Refused by type, bound, enum or uniqueness, by each in its own words. */
export const misshapen: readonly { readonly what: string; readonly spec: string }[] = [
  { what: "a mode that there is not", spec: "{mode: prod}" },
  { what: "a number for a switch", spec: "{paused: 1}" },
  { what: "half a pod", spec: "{redis: {replicas: 1.5}}" },
  { what: "too many pods", spec: "{api: {replicas: {max: 101}}}" },
  { what: "CPU without quotes", spec: "{api: {resources: {cpu: 2}}}" },
  { what: "no pools", spec: "{workers: []}" },
  { what: "nothing for a pool", spec: "{workers: [null]}" },
  { what: "a pool without a name", spec: `{workers: [{queues: [${queues}]}]}` },
  { what: "a queue that there is not", spec: `{workers: [{name: a, queues: [${queues}, payouts]}]}` },
  { what: "a setting without quotes", spec: "{postgres: {parameters: {work_mem: 8}}}" },
  { what: "too many settings", spec: `{postgres: {parameters: {${Array.from({ length: 51 }, (_, i) => `p${i}: a`)}}}}` },
  { what: "too long a text", spec: `{image: ${"a".repeat(501)}}` },
  { what: "a field that there is not", spec: "{api: {cpu: 1}}" },
  { what: "an Ingress without its host", spec: "{api: {ingress: {className: nginx}}}" },
];

/** At least one for each rule between a spec and the next. */
export const badChanges: readonly BadChange[] = [
  badChange(
    "another database",
    "{}",
    "{postgres: {backend: external, secretName: mine}}",
    "spec.postgres.backend",
    "cannot change, or payments would stay behind in the other database: make another PaymentSystem there",
  ),
  badChange(
    "fewer shards",
    "{postgres: {shards: 3}}",
    "{postgres: {shards: 2}}",
    "spec.postgres.shards",
    "may only grow, because payments stay on the shard where they were made: set it to what it was or more",
  ),
  ...(["postgres", "redis"] as const).flatMap((part) => [
    badChange(
      `${part}: another class of volumes`,
      `{${part}: {storage: {className: a}}}`,
      `{${part}: {storage: {className: b}}}`,
      `spec.${part}.storage.className`,
      "cannot change, because volumes keep the class that they were made with: set it to what it was",
    ),
    badChange(
      `${part}: a class where there was none`,
      "{}",
      `{${part}: {storage: {className: b}}}`,
      `spec.${part}.storage.className`,
      "cannot change, because volumes keep the class that they were made with: set it to what it was",
    ),
    badChange(
      `${part}: no class where there was one`,
      `{${part}: {storage: {className: a}}}`,
      "{}",
      `spec.${part}.storage.className`,
      "cannot change, because volumes keep the class that they were made with: set it to what it was",
    ),
    badChange(
      `${part}: smaller volumes`,
      `{${part}: {storage: {size: 20Gi}}}`,
      `{${part}: {storage: {size: 19.5Gi}}}`,
      `spec.${part}.storage.size`,
      "may only grow, because a volume cannot shrink: set it to what it was or more",
    ),
  ]),
];
