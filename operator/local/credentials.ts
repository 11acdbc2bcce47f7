import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { newApiKey, readApiKey } from "../../workloads/api-key.ts";
import { Refusal } from "./refusal.ts";
import type { StateFolder } from "./state-folder.ts";

const secret = z.string().min(20).max(200);
const apiKey = secret.refine((key) => readApiKey(key) !== undefined);
const schema = z.object({
  /** The first merchant's key. */
  secretKey: apiKey,
  adminKey: apiKey,
  merchantId: z.uuid(),
  postgres: z.object({ owner: secret, api: secret, dispatcher: secret, worker: secret }),
  redis: secret,
});

/** Every secret of a local system. Made once, kept with its state, readable by its user only. */
export type Credentials = z.output<typeof schema>;

export const credentialsFile = (state: StateFolder): string => join(state.path, "credentials.json");

/** Reads the credentials of a state folder, or makes them when there are none yet. `mode` gives the keys their prefix. */
export function credentialsOf(state: StateFolder, mode: "test" | "live"): Credentials {
  const file = credentialsFile(state);
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(newCredentials(mode), null, 2)}\n`, { mode: 0o600, flag: "wx" });
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new Refusal(`${file} is broken: put it back, or move the folder away and start afresh: mv ${state.path} ${state.path}.old`, {
      cause,
    });
  }
}

export function newCredentials(mode: "test" | "live"): Credentials {
  return {
    secretKey: newApiKey("sk", mode),
    adminKey: newApiKey("ak", mode),
    merchantId: randomUUID(),
    postgres: { owner: word(), api: word(), dispatcher: word(), worker: word() },
    redis: word(),
  };
}

// 192 random bits in letters that need no quoting in a URL, a shell or a configuration file.
const word = (): string => randomBytes(24).toString("hex");
