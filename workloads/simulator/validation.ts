import type { z } from "zod";
import { maxBodyBytes, tooLarge } from "./read-body.ts";
import { type Reply, refusal } from "./reply.ts";

/** Names the first thing that is wrong with a body or a query. */
export function refusedBody(body: unknown, error: z.ZodError): Reply {
  if (body === undefined) return refusal(400, { code: "not_json", message: "the body is not JSON" });
  if (body === tooLarge) return refusal(413, { code: "body_too_large", message: `a body may have ${maxBodyBytes} bytes at most` });
  const { path, message } = error.issues[0]!;
  return refusal(400, { code: "invalid_request", message, ...(path.length > 0 && { param: path.join(".") }) });
}
