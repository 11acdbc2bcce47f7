import { z } from "zod";

const error = "a time zone of the IANA database, like Asia/Bangkok or UTC";

/** A zone by its name. Offsets are none: what `+07:00` means to Postgres is the opposite of what it means to everybody else. */
export const timeZone = z
  .string({ error })
  .max(50, { error })
  .regex(/^[A-Za-z]+(?:[_/+-][A-Za-z0-9]+)*$/, { error })
  .refine(isZone, { error })
  .default("UTC")
  .describe("Where days begin and end: a name of the IANA database. Days on which clocks are changed have 23 or 25 hours.");

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
