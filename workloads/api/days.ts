import { z } from "zod";
import { type Days, type Period, periodOf } from "../store/period.ts";
import type { ReadTransaction } from "../store/read-transaction.ts";
import { type Fault, Refusal } from "./problem.ts";
import { timeZone } from "./time-zone.ts";

const dateError = "a day like 2026-11-24";
const date = z.iso.date({ error: dateError }).refine((day) => day >= "1970-01-01", { error: dateError });

/** What is asked for by days, to be spread into the schema of a query. */
export const daysQuery = {
  from: date.describe("The first day."),
  to: date.describe("The day after the last."),
  time_zone: timeZone,
};

export type DaysQuery = { readonly from: string; readonly to: string; readonly time_zone: string };

/** The days that a query asks for; refuses more than `atMost`, and none. */
export function daysOf({ from, to, time_zone }: DaysQuery, atMost: number): Days {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  if (days < 1) throw new Refusal(fault(`to must be a day after from, which is ${from}.`));
  if (days > atMost)
    throw new Refusal({ ...fault(`From from to to may be ${atMost} days here, and is ${days}.`), code: "report_too_large" });
  return { from, to, timeZone: time_zone };
}

const fault = (detail: string): Fault => ({ code: "parameter_invalid", detail, param: "to" });

/** When those days begin and end, by the database. Refuses a zone that it does not know. */
export async function periodAsked(tx: ReadTransaction, days: Days): Promise<Period> {
  try {
    return await periodOf(tx, days);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "22023") throw error;
    throw new Refusal({
      code: "parameter_invalid",
      detail: "time_zone must be one that the database knows, like Asia/Bangkok.",
      param: "time_zone",
    });
  }
}
