import type { IncomingMessage } from "node:http";
import type { Store } from "../store/store.ts";
import type { Answer } from "./endpoint.ts";
import { wantsToken } from "./freshness.ts";

/** The answer to a write, with the token by which a read sees it, for who prefers one. Asked for after the commit: one before it would not do. */
export async function withToken(answer: Answer, request: IncomingMessage, store: Pick<Store, "position">): Promise<Answer> {
  if (answer.status >= 300 || !wantsToken(request)) return answer;
  const token = await store.position().catch(() => undefined); // the write stands, also where nobody can tell how far history has come
  return token === undefined ? answer : { ...answer, headers: { ...answer.headers, "consistency-token": token } };
}
