import { z } from "zod";
import { values } from "./values.ts";

/** As Helm reads it, and as much of JSON Schema as the chart needs. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly items?: Schema;
  readonly [keyword: string]: unknown;
}

/** What Helm checks values by before it renders anything. Draft 7 is what every Helm 3 and 4 reads. */
export const valuesSchema = (): Schema => z.toJSONSchema(values, { target: "draft-7", io: "input" }) as Schema;
