import type { IncomingMessage } from "node:http";
import type { MerchantStore } from "../store/merchant-store.ts";
import type { Tenant } from "../store/tenant.ts";
import type { Answer } from "./endpoint.ts";
import { wantsToken } from "./freshness.ts";

/** The answer to a write, with the token by which a read sees it, for who prefers one. Asked for after the commit: one before it would not do. */
export async function withToken(
  answer: Answer,
  { request, tenant, store }: { request: IncomingMessage; tenant: Tenant; store: Pick<MerchantStore, "position"> },
): Promise<Answer> {
  if (answer.status >= 300 || !wantsToken(request)) return answer;
  const token = await store.position(tenant).catch(() => undefined); // the write stands, also where nobody can tell how far history has come
  return token === undefined ? answer : { ...answer, headers: { ...answer.headers, "consistency-token": token } };
}
