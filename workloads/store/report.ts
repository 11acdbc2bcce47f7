import type { Granularity, Period } from "./period.ts";
import type { Tenant } from "./store.ts";

/** What a report is made of. `limit`: it ends after so many rows, so that one more than is wanted tells that there are too many. */
export type Asked = {
  readonly tenant: Tenant;
  readonly period: Period;
  readonly granularity: Granularity;
  readonly timeZone: string;
  readonly limit: number;
};
