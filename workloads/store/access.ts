import type { Named } from "../payment/id.ts";
import type { Mode } from "../payment/payment.ts";

/** Whatever belongs to a merchant, by all that finds it. */
export type Ref = { readonly bucket: number; readonly merchantId: string; readonly id: string };

export type Merchant = {
  readonly bucket: number;
  readonly id: string;
  readonly name: string;
  readonly disabledAt: Date | null;
  readonly createdAt: Date;
};

export type ApiKeyRecord = Ref & {
  readonly mode: Mode;
  /** How the key begins. */
  readonly hint: string;
  readonly name: string | null;
  /** `null`: everything that a merchant may. */
  readonly scopes: readonly string[] | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  /** To the hour. */
  readonly lastUsedAt: Date | null;
  /** The id of the key that was made when this one was rolled. */
  readonly replacedBy: string | null;
};

/** A key as it is met in a request: whose it is, and all that could speak against it. */
export type FoundKey = Ref &
  Pick<ApiKeyRecord, "mode" | "scopes" | "expiresAt" | "revokedAt" | "lastUsedAt"> & {
    readonly merchantDisabledAt: Date | null;
    /** Where his merchant lives. */
    readonly shard: number;
  };

/** SHA-256 of the key, and how it begins: the key itself is never stored. */
export type NewSecret = { readonly hash: Buffer; readonly hint: string };
export type NewApiKey = NewSecret & Pick<ApiKeyRecord, "bucket" | "merchantId" | "mode" | "name" | "scopes" | "expiresAt">;

/** Who changes something, and in which request. `keyId: null`: the admin. */
export type By = { readonly keyId: string | null; readonly requestId: string };

/** What was done by whom to what of which merchant. `action`: thing and participle, like `webhook_endpoint.secret_rotated`. */
export type AuditEntry = By & {
  readonly bucket: number;
  readonly merchantId: string;
  readonly action: string;
  readonly target: { readonly type: Named; readonly id: string };
  /** What was set. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
};
export type AuditRecord = Required<AuditEntry> & { readonly id: string; readonly createdAt: Date };

/** Newest first, `before` an id, at most `limit`. */
export type NewestFirst = { readonly limit: number; readonly before: string | null };
/** A public id holds its bucket, not its merchant. */
export type At = { readonly bucket: number; readonly id: string };
type Of = { readonly merchant: At | null };

/** Merchants and their keys, on shard 0, and the record of every change to them: change and record are one commit. */
export interface AccessStore {
  keyByHash(hash: Buffer): Promise<FoundKey | undefined>;
  /** Notes that a key is in use, unless that was noted within the hour. */
  noteUse(key: Ref): Promise<void>;

  createMerchant(name: string, by: By): Promise<Merchant>;
  merchant(at: At): Promise<Merchant | undefined>;
  merchants(page: NewestFirst): Promise<Merchant[]>;
  /** What is not given stays. */
  changeMerchant(at: At, change: { name?: string | undefined; disabled?: boolean | undefined }, by: By): Promise<Merchant | undefined>;

  /** `undefined`: there is no such merchant. */
  createKey(key: NewApiKey, by: By): Promise<ApiKeyRecord | undefined>;
  key(at: At): Promise<ApiKeyRecord | undefined>;
  keys(page: NewestFirst & Of): Promise<ApiKeyRecord[]>;
  /**
   * A new key with the name, the scopes and the lifetime of an old one, which goes on for `overlapHours` at most.
   * `undefined`: the old one is not there, or no longer works, or was rolled before.
   */
  rollKey(at: At, roll: NewSecret & { overlapHours: number }, by: By): Promise<ApiKeyRecord | undefined>;
  /** Once revoked, a key never works again. Revoking it twice is the same as once. */
  revokeKey(at: At, by: By): Promise<ApiKeyRecord | undefined>;

  /** Records a change that has no statement of its own to be recorded in; `auditing` puts it into a statement. */
  recordChange(entry: AuditEntry): Promise<void>;
  auditLog(page: NewestFirst & Of): Promise<AuditRecord[]>;
}
