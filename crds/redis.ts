import { z } from "zod";
import { imageName, objectName, whole } from "./field.ts";
import { parameters } from "./parameters.ts";
import { resources } from "./pods.ts";
import { ruled } from "./rule.ts";
import { secretOf } from "./secret-of.ts";
import { storage } from "./storage.ts";

const ours = [
  "aclfile",
  "appendonly",
  "bind",
  "cluster-enabled",
  "dir",
  "include",
  "loadmodule",
  "masterauth",
  "maxmemory-policy",
  "min-replicas-max-lag",
  "min-replicas-to-write",
  "min-slaves-max-lag",
  "min-slaves-to-write",
  "port",
  "rename-command",
  "replica-announce-ip",
  "replicaof",
  "requirepass",
  "slaveof",
  "user",
];

export const redis = ruled(
  z.strictObject({
    backend: z
      .enum(["managed", "external"])
      .default("managed")
      .describe("managed: Satang runs a replica set with Sentinel. external: a Secret holds the URL of one that you run."),
    secretName: objectName(
      "With backend external: Secret with the key url (redis://, rediss:// or redis+sentinel:// URL).",
      "shop-redis",
    ).optional(),
    replicas: whole(1, 9).default(3).describe("With backend managed: members, a master and its replicas, each with a Sentinel."),
    image: imageName("With backend managed: image of Redis; left out: that of the operator's own version.").optional(),
    storage: storage("1Gi"),
    resources: resources("Redis", "100m", "256Mi"),
    parameters: parameters("Redis", ours, { "repl-backlog-size": "64mb" }),
  }),
  ...secretOf("the URL"),
  {
    cel: "self.backend == 'external' || self.replicas % 2 == 1",
    holds: ({ backend, replicas }) => backend === "external" || replicas % 2 === 1,
    field: "replicas",
    message: "must be odd, so that Sentinels have a majority: 1, 3, 5, 7 or 9",
  },
  {
    cel: "self.backend == 'managed' || self.parameters.size() == 0",
    holds: ({ backend, parameters }) => backend === "managed" || Object.keys(parameters).length === 0,
    field: "parameters",
    message: "would be left unread with backend external: set them on the Redis that you run",
  },
)
  .prefault({})
  .describe("Hints for workers, and caches. Nothing is lost when it is wiped.");
