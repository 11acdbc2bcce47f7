import { z } from "zod";
import { settlement } from "../store/report-settlement.ts";
import { successRate } from "../store/report-success-rate.ts";
import { volume } from "../store/report-volume.ts";
import { getBalance } from "./get-balance.ts";
import { getEvent } from "./get-event.ts";
import { getJournal } from "./get-journal.ts";
import { getReport, type Report } from "./get-report.ts";
import { listEvents } from "./list-events.ts";
import { listPayments, type ReadingDeps } from "./list-payments.ts";
import { listRefunds } from "./list-refunds.ts";
import type { Route } from "./route.ts";

/** What is read by the readers: lists, balances, the books and reports. */
export function readingRoutes(deps: ReadingDeps): Route[] {
  return [
    listPayments(deps),
    listRefunds(deps),
    listEvents(deps),
    getEvent(deps),
    getBalance(deps),
    getJournal(deps),
    ...[volumeReport, successRateReport, settlementReport].map((report) => getReport(report, deps)),
  ];
}

const start = { start: z.iso.datetime(), local_start: z.string().describe("The begin as a clock in the time zone shows it.") };
const count = z.int().min(0);
const minor = z.int().describe("In minor units.");

const volumeReport: Report<object> = {
  name: "volume",
  summary: "Report the volume",
  description: "What was charged and given back, by when it was posted: a refund counts where it was made, not where its payment was.",
  row: z.strictObject({
    ...start,
    ...{ currency: z.string(), charges: count, charged: minor, fees: minor, refunds: count, refunded: minor, net: minor },
  }),
  rows: volume,
};

const successRateReport: Report<object> = {
  name: "success-rate",
  summary: "Report the success rate",
  description: "How charges and authorizations ended, by when they ended. What has not ended is in no row yet.",
  row: z.strictObject({
    ...start,
    ...{ provider: z.string(), succeeded: count, declined: count },
    success_basis_points: z.int().min(0).max(10_000).describe("Of all that ended: 9950 is 99.5 %."),
    p50_ms: z.int().describe("From accepted to ended: half of them were faster."),
    p95_ms: z.int(),
    declines: z.record(z.string(), count).describe("How many, by code."),
  }),
  rows: successRate,
};

const settlementReport: Report<object> = {
  name: "settlement",
  summary: "Report the settlement",
  description:
    "What each provider owes, to be held against its own statement: opening + charged − fees − refunded + other = closing, row after row.",
  row: z.strictObject({
    ...start,
    ...{
      provider: z.string(),
      currency: z.string(),
      opening: minor,
      charged: minor,
      fees: minor,
      refunded: minor,
      other: minor,
      closing: minor,
    },
  }),
  rows: settlement,
};
