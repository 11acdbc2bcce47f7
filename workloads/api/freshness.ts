import type { IncomingMessage } from "node:http";
import { parsePosition } from "../store/position.ts";
import type { AsOf } from "../store/read-transaction.ts";
import type { Wish } from "../store/readers.ts";
import type { Tenant } from "../store/store.ts";
import { Refusal } from "./problem.ts";

/** How fresh an answer this request asks for: not older than the write whose `Consistency-Token` it sends. */
export function wishOf({ headers }: IncomingMessage, { tenant, size }: { tenant: Tenant; size: Wish["size"] }): Wish {
  const token = headers["consistency-token"];
  if (token === undefined) return { tenant, size };
  const position = typeof token === "string" ? parsePosition(token) : undefined;
  if (position) return { tenant, size, position };
  const detail = "Send Consistency-Token as it was answered to your write: sixteen hexadecimal digits.";
  throw new Refusal({ code: "consistency_token_invalid", detail });
}

/** Tells how old what was read may be. */
export function freshness({ at, lagSeconds }: AsOf): { "data-as-of": string; "replica-lag": string } {
  return { "data-as-of": at.toISOString(), "replica-lag": lagSeconds.toFixed(3) };
}

/** Whether a write shall be answered with a `Consistency-Token`: `Prefer: consistency-token`. */
export function wantsToken({ headers: { prefer } }: IncomingMessage): boolean {
  return typeof prefer === "string" && /(?:^|[,;])\s*consistency-token\s*(?:$|[,;])/i.test(prefer);
}
