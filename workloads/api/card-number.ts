import { passesLuhn } from "../telemetry/redact.ts";

/**
 * Whether a text holds a card number: 13 to 19 digits of a card network's range with a right check digit, also in groups with
 * spaces or dashes between them. Ranges are looked at, because one in ten order numbers and timestamps passes the check digit alone.
 */
export function holdsCardNumber(text: string): boolean {
  if (!long.test(text)) return false;
  return (text.replace(identifiers, "_").match(runs) ?? []).some(holdsOne);
}

/** The text of a JSON document as its strings mean it, so that no escape hides a digit. It is looked at, never parsed. */
export function unescapedJson(json: string): string {
  if (!json.includes("\\")) return json;
  return json.replace(/\\u00([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))).replace(/\\[bfnrt]/g, " ");
}

const long = /\d(?:[\s-]{0,3}\d){12}/;
const runs = /\d+(?:[\s-]{1,3}\d+)*/g;
// Identifiers in hexadecimal have long runs of digits by chance, and an Idempotency-Key is most often one of them.
const identifiers = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?=[0-9]*[a-f])[0-9a-f]{24,}/gi;

// A number may stand beside others ("4242 4242 4242 4242 350"): every sequence of whole groups is looked at.
function holdsOne(run: string): boolean {
  const groups = run.split(/[\s-]+/);
  return groups.some((_, from) => {
    let digits = "";
    for (let i = from; i < groups.length && digits.length < 19; i++) {
      digits += groups[i];
      if (digits.length >= 13 && digits.length <= 19 && networks.test(digits) && passesLuhn(digits)) return true;
    }
    return false;
  });
}

// Visa | Mastercard | Mir | Amex | Diners | JCB | Maestro, Discover, UnionPay, RuPay | UnionPay, RuPay | UATP | Troy.
const networks =
  /^(?:4|(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)\d{12,14}$|220[0-4]|3[47]\d{13}$|3(?:0[0-59]|[689])|35|5[06-8]|6|8[12]\d{14,17}$|1\d{14}$|9792)/;
