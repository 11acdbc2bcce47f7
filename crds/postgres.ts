import { z } from "zod";
import { imageName, objectName, whole } from "./field.ts";
import { parameters } from "./parameters.ts";
import { resources } from "./pods.ts";
import { ruled } from "./rule.ts";
import { secretOf } from "./secret-of.ts";
import { storage } from "./storage.ts";

const ours = [
  "archive_command",
  "archive_mode",
  "config_file",
  "data_directory",
  "fsync",
  "full_page_writes",
  "hba_file",
  "hot_standby",
  "listen_addresses",
  "port",
  "primary_conninfo",
  "primary_slot_name",
  "recovery_target_timeline",
  "ssl",
  "synchronous_commit",
  "synchronous_standby_names",
  "unix_socket_directories",
  "wal_level",
  "wal_log_hints",
];

export const postgres = ruled(
  z.strictObject({
    backend: z
      .enum(["managed", "external"])
      .default("managed")
      .describe("managed: Satang runs the replica set. external: a Secret holds the URLs of one that you run. It never changes."),
    secretName: objectName(
      "With backend external: Secret with the keys primary and, for reports, replicas (postgres:// URLs).",
      "shop-database",
    ).optional(),
    shards: whole(1, 64)
      .default(1)
      .describe(
        "With backend managed: replica sets over which merchants are spread. It may only grow; those who are there stay where they are.",
      ),
    instances: whole(1, 9).default(3).describe("With backend managed: members of each shard, a primary and its standbys."),
    durability: z
      .enum(["required", "preferred"])
      .default("required")
      .describe(
        "required: a payment is accepted once a standby has it too. preferred: the primary alone is enough while no standby is there.",
      ),
    image: imageName("With backend managed: image of Postgres; left out: that of the operator's own version.").optional(),
    storage: storage("10Gi"),
    resources: resources("Postgres", "100m", "1Gi"),
    parameters: parameters("PostgreSQL", ours, { max_connections: "300", work_mem: "16MB" }),
  }),
  ...secretOf("the URLs"),
  {
    cel: "self.backend == 'external' || self.durability != 'required' || self.instances >= 2",
    holds: ({ backend, durability, instances }) => backend === "external" || durability !== "required" || instances >= 2,
    field: "instances",
    message: "must be 2 or more with durability required: raise it, or set durability: preferred",
  },
  {
    cel: "self.backend == 'managed' || self.shards == 1",
    holds: ({ backend, shards }) => backend === "managed" || shards === 1,
    field: "shards",
    message: "is for backend managed: with external set it to 1 or leave it out, for its Secret names one database",
  },
  {
    cel: "self.backend == 'managed' || self.parameters.size() == 0",
    holds: ({ backend, parameters }) => backend === "managed" || Object.keys(parameters).length === 0,
    field: "parameters",
    message: "would be left unread with backend external: set them on the database that you run",
  },
)
  .prefault({})
  .describe("Where payments are kept.");
