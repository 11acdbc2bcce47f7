import type { Certificates } from "../certificates/certificates.ts";
import type { Credentials } from "../credentials.ts";
import type { Scaling } from "../scaling/scaling.ts";
import type { System } from "../system.ts";
import type { Encryption } from "./encryption.ts";

/** Everything that the objects of a system are made from. */
export interface Given {
  readonly system: System;
  readonly images: Images;
  readonly credentials: Credentials;
  /** Of managed Postgres; undefined: none is ours to keep. */
  readonly certificates: Certificates | undefined;
  readonly encryption: Encryption;
  /** What was found in the Secrets that the system names; of a managed backend nothing. */
  readonly externals: Externals;
  readonly scaling: Scaling;
  /** How many the processes are told of: fewer than there shall be, until all of those are migrated. */
  readonly shards: number;
}

export interface Images {
  readonly workloads: string;
  readonly postgres: string;
  readonly redis: string;
}

export interface Externals {
  /** `postgres://` URLs, with the login of the owner. */
  readonly database?: { readonly primary: string; readonly replicas: readonly string[] } | undefined;
  /** `redis://` or `rediss://` URL. */
  readonly redis?: string | undefined;
}
