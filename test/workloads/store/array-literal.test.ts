import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arrayLiteral, type Column } from "../../../workloads/store/array-literal.ts";
import { startDatabase, type TestDatabase } from "./database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

/** What Postgres makes of it, told in another way than as an array. */
async function read(column: Column, type: string): Promise<unknown[]> {
  const { rows } = await database.owner.query(`select to_jsonb($1::${type}[]) as column`, [arrayLiteral(column)]);
  return rows[0].column;
}

describe("a column of a batch", () => {
  test("keeps every text, also one that looks like the notation of an array", async () => {
    const odd = ["", "null", "NULL", "nulls", " ", "a b", "a,b", "{}", '"', "\\", "\\N", "\n", "\t", "\u00a0", "ขอบคุณ", "😀", null];
    const text = fc.oneof(fc.constantFrom(...odd), fc.string({ unit: "grapheme" }), fc.string());

    await fc.assert(
      fc.asyncProperty(fc.array(text), async (column) => {
        expect(await read(column, "text")).toEqual(column);
      }),
      { numRuns: 500 },
    );
  });

  test("keeps numbers, flags and what is not there", async () => {
    expect(await read([0, -1, Number.MAX_SAFE_INTEGER, undefined], "bigint")).toEqual([0, -1, Number.MAX_SAFE_INTEGER, null]);
    expect(await read([0.1, 1e-9, -2.5e20], "float8")).toEqual([0.1, 1e-9, -2.5e20]);
    expect(await read([true, false, null], "boolean")).toEqual([true, false, null]);
  });

  test("keeps ids, bytes, times and JSON", async () => {
    const id = "01890a5d-ac96-774b-bcce-b302099a8057";
    const at = new Date("2026-11-30T23:59:59.999Z");
    const json = JSON.stringify({ note: 'said "\\ {}, null"' });

    expect(await read([id], "uuid")).toEqual([id]);
    expect(await read([Buffer.from([0, 92, 34, 255]), Buffer.alloc(0)], "bytea")).toEqual(["\\x005c22ff", "\\x"]);
    expect((await read([at], "timestamptz")).map((time) => new Date(time as string))).toEqual([at]);
    expect(await read([json], "jsonb")).toEqual([JSON.parse(json)]);
  });
});
