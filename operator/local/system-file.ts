import { readFileSync } from "node:fs";
import { parsePaymentSystem } from "../../crds/parse-payment-system.ts";
import { apiVersion, kind, type PaymentSystem } from "../../crds/payment-system.ts";
import { Refusal } from "./refusal.ts";

const maxProblems = 20;

/** Reads the PaymentSystem to run; without a file, one with all defaults. Throws `Refusal`, naming each problem with its path. */
export function systemOf(file: string | undefined): PaymentSystem {
  const parsed = parsePaymentSystem(file === undefined ? { apiVersion, kind, metadata: { name: "satang" }, spec: {} } : textOf(file));
  if ("system" in parsed) return parsed.system;
  const problems = parsed.problems.slice(0, maxProblems).map(({ path, message }) => `${path ? `${path} ` : ""}${message}`);
  throw new Refusal(`${file} is not a PaymentSystem that can run: ${problems.join("; ")}`);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : String(code);
    throw new Refusal(
      `cannot read --file ${file}: ${why}; give the path of a PaymentSystem, or leave --file out for one with all defaults`,
      { cause },
    );
  }
}
