import type { Applied } from "../apply.ts";
import type { Observed } from "../observe.ts";
import type { System } from "../system.ts";

/** What the checks look at. */
export interface Known {
  readonly system: System;
  readonly observed: Observed;
  readonly applied: Applied;
  /** Name of the Job that brings the database to the version of the image that is to run; undefined while that cannot be known. */
  readonly migration: string | undefined;
}
