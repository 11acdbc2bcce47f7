import { z } from "zod";
import { quoted, type Rule, ruled } from "./rule.ts";

/** A whole number within bounds. */
export const whole = (from: number, to: number) => z.int().min(from).max(to);

/** A label of DNS (RFC 1123), short enough for the suffixes of what is made under it. */
export const name = (what: string, examples: readonly string[]) =>
  matching(
    /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/,
    40,
    "must be 1 to 40 of a-z, 0-9 and -, begin with a letter and not end with -",
    examples,
  ).describe(what);

/** The name of an object that somebody else made: a Secret, a class. */
export const objectName = (what: string, example: string) =>
  matching(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    253,
    "must be the name of an object: a-z, 0-9, - and ., such as my-object",
    [example],
  ).describe(what);

export const hostName = (what: string) =>
  matching(
    /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?[.])*[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    253,
    "must be a host name in lower case, without scheme and port, such as pay.example.com",
    ["pay.example.com"],
  ).describe(what);

export const imageName = (what: string) =>
  matching(/^[a-zA-Z0-9][-a-zA-Z0-9._/:@]*$/, 500, "must be the name of an image, such as registry.example.com/satang:1.2.3", [
    "registry.example.com/satang:1.2.3",
  ]).describe(what);

export const cpu = (what: string) =>
  matching(
    /^([1-9][0-9]{0,5}m|[1-9][0-9]{0,2}([.][0-9]{1,3})?|0[.][0-9]{0,2}[1-9])$/,
    10,
    'must be a quantity of CPU in quotes, such as "2" or 500m',
    ["500m", "2"],
  ).describe(what);

/** Bytes, of memory or storage. Without a suffix, or with m, it would be a mistake: nobody wants 256 bytes. */
export const bytes = (what: string) =>
  matching(/^[1-9][0-9]{0,5}([.][0-9]{1,3})?(Mi|Gi|Ti|M|G|T)$/, 13, "must be a number of bytes with Mi, Gi or Ti, such as 256Mi or 10Gi", [
    "512Mi",
    "20Gi",
  ]).describe(what);

/** How many bytes `text` says, which `bytes` has let pass, or in which the API server tells a size. */
export function bytesOf(text: string): number {
  const [, number, suffix = ""] = /^([0-9.]+(?:[eE][0-9]+)?)([A-Za-z]*)$/.exec(text)!;
  return Number(number) * powers[suffix as keyof typeof powers];
}

const powers = {
  ...{ m: 1e-3, "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50 },
};

function matching(pattern: RegExp, longest: number, message: string, examples: readonly string[]) {
  const rule: Rule<string> = { cel: `self.matches(${quoted(pattern)})`, holds: (self) => pattern.test(self), message };
  return ruled(z.string().max(longest, { abort: true }).meta({ examples }), rule);
}
