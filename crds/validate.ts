import { type Parsed, parsePaymentSystem } from "./parse-payment-system.ts";

/**
 * The rules again, for what an API server has stored: it may be older than a rule, or have come in while another version of the definition
 * was installed. Fields that this version does not know are passed over, not refused: a newer definition fills them in by itself, and an
 * operator that was rolled back must go on.
 */
export function validate(stored: object): Parsed {
  return parsePaymentSystem(stored, { unknownFields: "pass over" });
}
