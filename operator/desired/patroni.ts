import type { System } from "../system.ts";
import { certificateFiles, type Encryption } from "./encryption.ts";
import { logSizes } from "./log-sizes.ts";
import { labelsOf, nameOf } from "./names.ts";

/** Patroni keeps it on each member's pod: `primary` or `replica`, and none while the server is neither. */
export const roleLabel = "satang.dev/role";
/**
 * `closely` or `behind`; lists and reports are led to standbys that follow closely. Pods are made with it, so that without an operator all are led to, and
 * the operator alone changes it. Patroni knows no such label: it puts its own back within seconds, whatever the lag.
 */
export const followsLabel = "satang.dev/follows";
/** By it Patroni finds pods and ConfigMaps of its own replica set. */
export const setLabel = "satang.dev/replica-set";
export const databaseLogin = "satang";
export const patroniPort = 8008;

/** What Patroni finds its pods by, and puts on its ConfigMaps. */
export const memberLabels = (system: System, part: string) => ({
  ...labelsOf(system, part),
  [setLabel]: nameOf(system, part),
});

/** ConfigMaps that are Patroni's: it makes them, and each of their annotations is its own. */
export const patroniMaps = (system: Pick<System, "metadata">, part: string) => {
  const of = (what: string) => nameOf(system, `${part}-${what}`);
  return { leader: of("leader"), config: of("config"), sync: of("sync"), failover: of("failover") };
};

/** What all members share, and read again when it changes; as JSON, which is YAML too. */
export function patroniFile(system: System, part: string, encryption: Encryption): string {
  const { [setLabel]: scope, ...labels } = memberLabels(system, part);
  const host = encryption === "required" ? "hostssl" : "host";
  const file = {
    scope,
    kubernetes: {
      use_endpoints: false, // they are on their way out of Kubernetes
      labels,
      scope_label: setLabel,
      role_label: roleLabel,
      leader_label_value: "primary",
      follower_label_value: "replica",
      // An API server that has just started knows no rights for a moment. A leader that is refused gives up at once, without asking the others; one that
      // tries again, and at last counts it as an outage, does not.
      retriable_http_codes: [401, 403],
    },
    restapi: { listen: `0.0.0.0:${patroniPort}` },
    postgresql: {
      listen: "0.0.0.0:5432",
      data_dir: "/data/pg", // a volume's top folder may hold what is not ours, such as lost+found
      pgpass: "/tmp/pgpass",
      basebackup: [{ checkpoint: "fast" }], // else a new member waits for minutes until the primary has written everything at leisure
      use_unix_socket: true,
      parameters: {
        unix_socket_directories: "/tmp",
        ssl: "on",
        ssl_cert_file: certificateFiles.certificate,
        ssl_key_file: certificateFiles.key,
      },
      authentication: { superuser: trust(encryption), replication: trust(encryption), rewind: trust(encryption) },
      callbacks: { on_start: "set-passwords", on_role_change: "set-passwords" },
      pg_hba: ["local all all trust", `${host} replication all all scram-sha-256`, `${host} all all all scram-sha-256`], // the socket is in the container
      // A member that cannot go back to where it left the others is filled anew, by itself.
      remove_data_directory_on_rewind_failure: true,
      remove_data_directory_on_diverged_timelines: true,
    },
    bootstrap: {
      dcs: patroniSettings(system),
      initdb: ["data-checksums", { encoding: "UTF8" }, { locale: "C.UTF-8" }],
      post_bootstrap: `psql --no-psqlrc --command 'create database ${databaseLogin}' --dbname`,
    },
    watchdog: { mode: "off" }, // a pod has none
  };
  return JSON.stringify(file, null, 2);
}

/** How a member connects to another: by its address, which is in no certificate. Where an authority is named, libpq refuses whoever is not of it. */
const trust = (encryption: Encryption): { readonly [setting: string]: string } =>
  encryption === "offered" ? { sslmode: "prefer" } : { sslmode: "verify-ca", sslrootcert: certificateFiles.authorities };

/** Where `spec.postgres.parameters` says nothing. */
export const defaultMaxConnections = 200;

/**
 * What may change while members run. A leader that is cut off gives up writing within 15 s, and another takes over after 20, the least that Patroni
 * takes; only a member that is known to have every accepted payment may.
 */
export function patroniSettings({ spec: { postgres } }: Pick<System, "spec">): object {
  const { instances, durability, parameters, storage } = postgres;
  return {
    ttl: 20,
    loop_wait: 5,
    retry_timeout: 5,
    failsafe_mode: true, // the leader goes on without the API server while every member says that it follows
    primary_start_timeout: 0, // a server that died is not waited for
    primary_stop_timeout: 10,
    maximum_lag_on_failover: 1_048_576,
    check_timeline: true,
    synchronous_mode: instances > 1 ? "quorum" : "off",
    synchronous_mode_strict: instances > 1 && durability === "required",
    synchronous_node_count: 1,
    postgresql: {
      use_pg_rewind: true,
      use_slots: true,
      parameters: {
        max_connections: String(defaultMaxConnections),
        wal_sender_timeout: "15s", // a standby that is cut off is waited for until then: a minute, if nobody says otherwise
        ...logSizes(storage.size),
        ...parameters,
        wal_log_hints: "on",
      },
    },
  };
}
