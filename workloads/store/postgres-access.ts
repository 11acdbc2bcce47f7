import type pg from "pg";
import { bucketOf, newUuid } from "../payment/id.ts";
import type { AccessStore, NewestFirst } from "./access.ts";
import {
  type ApiKeyRow,
  apiKeyOf,
  createKey,
  type FoundKeyRow,
  foundKeyOf,
  key,
  keyByHash,
  keys,
  keysOfMerchant,
  noteUse,
  revokeKey,
  rollKey,
} from "./api-keys.ts";
import { type AuditRow, auditLog, auditLogOfMerchant, auditRecordOf, auditValues, recordChange, recordChangeValues } from "./audit.ts";
import { changeMerchant, createMerchant, type MerchantRow, merchant, merchantOf, merchants } from "./merchants.ts";

type Query = <Row extends pg.QueryResultRow>(statement: { name: string; text: string }, values: unknown[]) => Promise<Row[]>;

/** Merchants, keys and the audit log in the Postgres that `query` asks. */
export function postgresAccess(query: Query): AccessStore {
  const oneKey = async (statement: { name: string; text: string }, values: unknown[]) => {
    const [row] = await query<ApiKeyRow>(statement, values);
    return row && apiKeyOf(row);
  };
  const oneMerchant = async (statement: { name: string; text: string }, values: unknown[]) => {
    const [row] = await query<MerchantRow>(statement, values);
    return row && merchantOf(row);
  };

  return {
    async keyByHash(hash) {
      const [row] = await query<FoundKeyRow>(keyByHash, [hash]);
      return row && foundKeyOf(row);
    },
    async noteUse({ bucket, merchantId, id }) {
      await query(noteUse, [bucket, merchantId, id]);
    },

    async createMerchant(name, by) {
      const id = newUuid();
      return (await oneMerchant(createMerchant, [...auditValues(by), bucketOf(id), id, name]))!;
    },
    merchant: ({ bucket, id }) => oneMerchant(merchant, [bucket, id]),
    async merchants(page) {
      return (await query<MerchantRow>(merchants, pageValues(page))).map(merchantOf);
    },
    changeMerchant({ bucket, id }, { name, disabled }, by) {
      return oneMerchant(changeMerchant, [...auditValues(by), bucket, id, name ?? null, disabled ?? null]);
    },

    createKey({ bucket, merchantId, hash, hint, mode, name, scopes, expiresAt }, by) {
      return oneKey(createKey, [...auditValues(by), bucket, merchantId, newUuid(), hash, hint, mode, name, scopes, expiresAt]);
    },
    key: ({ bucket, id }) => oneKey(key, [bucket, id]),
    async keys({ merchant: of, ...page }) {
      const rows = await (of
        ? query<ApiKeyRow>(keysOfMerchant, [...pageValues(page), of.bucket, of.id])
        : query<ApiKeyRow>(keys, pageValues(page)));
      return rows.map(apiKeyOf);
    },
    rollKey({ bucket, id }, { hash, hint, overlapHours }, by) {
      return oneKey(rollKey, [...auditValues(by), bucket, id, newUuid(), hash, hint, overlapHours]);
    },
    async revokeKey(at, by) {
      const revoked = await oneKey(revokeKey, [...auditValues(by), at.bucket, at.id]);
      return revoked ?? this.key(at); // revoked before, perhaps just now by another
    },

    async recordChange(entry) {
      await query(recordChange, recordChangeValues(entry));
    },
    async auditLog({ merchant: of, ...page }) {
      const rows = await (of
        ? query<AuditRow>(auditLogOfMerchant, [...pageValues(page), of.bucket, of.id])
        : query<AuditRow>(auditLog, pageValues(page)));
      return rows.map(auditRecordOf);
    },
  };
}

const afterAll = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const pageValues = ({ before, limit }: NewestFirst): unknown[] => [before ?? afterAll, limit];
