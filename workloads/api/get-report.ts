import { z } from "zod";
import { granularities } from "../store/period.ts";
import type { ReadTransaction } from "../store/read-transaction.ts";
import type { Asked } from "../store/report.ts";
import { csv } from "./csv.ts";
import { daysOf, daysQuery, periodAsked } from "./days.ts";
import type { Answer } from "./endpoint.ts";
import { freshness, wishOf } from "./freshness.ts";
import { hashed, hashedJson } from "./hashed.ts";
import type { ReadingDeps } from "./list-payments.ts";
import { Refusal } from "./problem.ts";
import type { Route } from "./route.ts";
import { validated } from "./validated.ts";

const query = z.strictObject({
  ...daysQuery,
  granularity: z
    .enum(granularities, { error: `one of ${granularities.join(", ")}` })
    .default("day")
    .describe("A row for each of these; a week begins on Monday."),
  format: z.enum(["json", "csv"], { error: "json or csv" }).optional().describe("Default: what Accept prefers, else json."),
});

const daysAtMost = { hour: 31, day: 366, week: 1_100, month: 1_100 };
const rowsAtMost = 10_000;

/** What one report is: the rows that it reads, and what they look like. Their order of columns is that of the schema. */
export type Report<Row extends object> = {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly row: z.ZodObject;
  readonly rows: (tx: ReadTransaction, asked: Asked) => Promise<readonly Row[]>;
};

/**
 * `GET /v1/reports/…`: read from a replica when there is one. A period is closed when it is over, nothing more can be posted in it, and whoever
 * reads it sees all that was: from then on it is the same bytes for ever, for it counts what was posted by when it was posted.
 */
export function getReport<Row extends object>(
  { name, summary, description, row, rows: read }: Report<Row>,
  { readers }: ReadingDeps,
): Route {
  const schema = z.strictObject({
    object: z.literal("report"),
    report: z.literal(name),
    from: z.iso.date(),
    to: z.iso.date(),
    time_zone: z.string(),
    granularity: z.enum(granularities),
    closed: z.boolean().describe("Whether it is final."),
    rows: z.array(row),
  });
  return {
    method: "GET",
    path: `/v1/reports/${name}`,
    access: "reports:read",
    load: "report",
    doc: {
      summary,
      description,
      query,
      answers: { 200: { description: "The report.", body: schema, otherTypes: ["text/csv"] }, 304: { description: "You have it." } },
      problems: [
        ...(["parameter_invalid", "parameter_missing", "report_too_large"] as const),
        ...(["consistency_token_invalid", "replica_behind", "readers_busy", "read_too_slow"] as const),
      ],
    },
    async handle({ request, tenant }): Promise<Answer> {
      const { granularity, format, ...asked } = validated(query, request.query);
      const days = daysOf(asked, daysAtMost[granularity]);
      return readers.read(wishOf(request, { tenant, size: "big" }), async (tx) => {
        const period = await periodAsked(tx, days);
        const rows = await read(tx, { tenant, period, granularity, timeZone: days.timeZone, limit: rowsAtMost + 1 });
        if (rows.length > rowsAtMost)
          throw new Refusal({ code: "report_too_large", detail: `It has more than ${rowsAtMost} rows. Ask for fewer days.` });
        const headers = { ...freshness(tx.asOf), "report-closed": String(period.closed) };
        if ((format ?? preferred(request.headers.accept)) === "csv")
          return hashed(request, csv(Object.keys(row.shape), rows), {
            ...headers,
            "content-type": "text/csv; charset=utf-8; header=present",
          });
        const { from, to, timeZone: time_zone } = days;
        return hashedJson(
          request,
          { object: "report", report: name, from, to, time_zone, granularity, closed: period.closed, rows },
          headers,
        );
      });
    },
  };
}

const preferred = (accept: string | undefined): "json" | "csv" =>
  accept !== undefined && /\btext\/csv\b/i.test(accept) && !/\bapplication\/json\b/i.test(accept) ? "csv" : "json";
