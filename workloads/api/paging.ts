import { hash } from "node:crypto";
import { z } from "zod";
import { parsePublicId } from "../payment/id.ts";
import type { Page, Place } from "../store/page.ts";
import type { Tenant } from "../store/store.ts";
import { Refusal } from "./problem.ts";

const limitError = "a whole number from 1 to 100";
const timeError = "a time like 2026-11-24T12:00:00Z";
const time = z.iso.datetime({ offset: true, error: timeError }).optional();

/** What every list takes, to be spread into the schema of its query. */
export const pageQuery = {
  limit: z
    .string({ error: limitError })
    .regex(/^(?:[1-9]\d?|100)$/, { error: limitError })
    .default("25")
    .describe("How many at most. A page may hold fewer, or none, and still not be the last: see has_more.")
    .meta({ type: "integer", minimum: 1, maximum: 100, default: 25, pattern: undefined }),
  cursor: z
    .string({ error: "a next_cursor of this list" })
    .max(100, { error: "a next_cursor of this list" })
    .optional()
    .describe("The next_cursor of the page before, with the same filters."),
  created_after: time.describe("Only what was created at this time or later."),
  created_before: time.describe("Only what was created before this time."),
};

/** Of the lists of what happened to payments. */
export const ofPayment = z
  .string({ error: "the id of a payment, which begins with pay_" })
  .max(100, { error: "the id of a payment, which begins with pay_" })
  .optional()
  .describe("Only what belongs to this payment.");

/** The payment that a list is asked for. One that is not his has nothing, as has one that is nobody's. */
export function paymentIdAsked(payment: string | undefined, tenant: Tenant): string | undefined {
  if (payment === undefined) return undefined;
  const id = parsePublicId("payment", payment);
  return id?.bucket === tenant.bucket ? id.uuid : "00000000-0000-0000-0000-000000000000";
}

type PageQuery = { limit: string; cursor?: string | undefined; created_after?: string | undefined; created_before?: string | undefined };

/** A list as it is answered. */
export const listOf = (item: z.ZodType) =>
  z.strictObject({
    object: z.literal("list"),
    data: z.array(item),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  });

/**
 * Reads where in a list to begin, and writes where the next page does. A cursor holds the last id and a hash over it, the merchant, the list
 * and its filters: with any of these changed it is refused, so that nobody pages through one list with the place of another. It is no secret,
 * and opens nothing that its list would not show.
 */
export function paging({ limit, cursor, ...filters }: PageQuery, { list, tenant }: { list: string; tenant: Tenant }) {
  const seal = (id: string): Buffer =>
    hash("sha256", JSON.stringify([list, tenant.merchantId, tenant.mode, Object.entries(filters).toSorted(), id]), "buffer").subarray(0, 8);

  const place: Place = {
    after: cursor === undefined ? undefined : idOf(cursor, seal),
    limit: Number(limit),
    createdFrom: filters.created_after === undefined ? undefined : new Date(filters.created_after),
    createdBefore: filters.created_before === undefined ? undefined : new Date(filters.created_before),
  };
  return {
    place,
    answer<Item>({ items, next }: Page<Item>, resourceOf: (item: Item) => object) {
      const next_cursor = next === undefined ? null : Buffer.concat([bytesOf(next), seal(next)]).toString("base64url");
      return { object: "list", data: items.map(resourceOf), has_more: next !== undefined, next_cursor };
    },
  };
}

function idOf(cursor: string, seal: (id: string) => Buffer): string {
  const bytes = Buffer.from(cursor, "base64url");
  const hex = bytes.toString("hex", 0, 16);
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  if (bytes.length === 24 && bytes.subarray(16).equals(seal(id))) return id;
  const detail =
    "Send next_cursor as it was answered, with the key and the filters of the page that it came with, or leave it out to begin anew.";
  throw new Refusal({ code: "cursor_invalid", detail, param: "cursor" });
}

const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll("-", ""), "hex");
