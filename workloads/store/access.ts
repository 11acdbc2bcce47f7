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
export type Page = { readonly limit: number; readonly before: string | null };
type Of = { readonly merchant: { readonly bucket: number; readonly id: string } | null };

/** Merchants and their keys, on shard 0, and the record of every change to them: change and record are one commit. */
export interface AccessStore {
  keyByHash(hash: Buffer): Promise<FoundKey | undefined>;
  /** Notes that a key is in use, unless that was noted within the hour. */
  noteUse(key: Ref): Promise<void>;

  createMerchant(name: string, by: By): Promise<Merchant>;
  merchant(of: { bucket: number; id: string }): Promise<Merchant | undefined>;
  merchants(page: Page): Promise<Merchant[]>;
  /** What is not given stays. */
  changeMerchant(of: { bucket: number; id: string }, change: { name?: string; disabled?: boolean }, by: By): Promise<Merchant | undefined>;

  /** `undefined`: there is no such merchant. */
  createKey(key: NewApiKey, by: By): Promise<ApiKeyRecord | undefined>;
  key(of: Ref): Promise<ApiKeyRecord | undefined>;
  keys(page: Page & Of): Promise<ApiKeyRecord[]>;
  /**
   * A new key with the name, the scopes and the lifetime of an old one, which goes on for `overlapHours` at most.
   * `undefined`: the old one is not there, or no longer works, or was rolled before.
   */
  rollKey(of: Ref, roll: NewSecret & { overlapHours: number }, by: By): Promise<ApiKeyRecord | undefined>;
  /** Once revoked, a key never works again. Revoking it twice is the same as once. */
  revokeKey(of: Ref, by: By): Promise<ApiKeyRecord | undefined>;

  /** Records a change that has no statement of its own to be recorded in; `auditing` puts it into a statement. */
  recordChange(entry: AuditEntry): Promise<void>;
  auditLog(page: Page & Of): Promise<AuditRecord[]>;
}
