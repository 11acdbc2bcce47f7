import { z } from "zod";
import { behaviourSchema } from "./behaviour.ts";
import { keySchema } from "./operation-request.ts";
import { getOperation, postEnd, postOperation } from "./operations.ts";
import { type Reply, refusal } from "./reply.ts";
import { behave, type SimulatorState } from "./simulator-state.ts";
import { refusedBody } from "./validation.ts";

export type Call = { readonly method: string; readonly url: string; readonly key: string | undefined; readonly body: unknown };

/** Every path that there is, and which methods it takes. The reply may be sent when the record is kept. */
export function route({ method, url, key: keyInHeader, body }: Call, state: SimulatorState): Reply {
  const query = url.indexOf("?");
  const [version, resource, encoded, verb, ...more] = (query < 0 ? url : url.slice(0, query)).slice(1).split("/");
  if (version !== "v1" || more.length > 0) return notFound;
  const at = `${method} ${resource}${encoded === undefined ? "" : "/key"}${verb === undefined ? "" : `/${verb}`}`;
  switch (at) {
    case "POST operations":
      return postOperation(body, keyInHeader, state);
    case "GET operations/key":
      return withKey(encoded!, (key) => getOperation(key, state));
    case "POST operations/key/end":
      return withKey(encoded!, (key) => postEnd(key, body, state));
    case "GET effects":
      return listEffects(query < 0 ? "" : url.slice(query), state);
    case "GET effects/key":
      return withKey(encoded!, (key) => getEffect(key, state));
    case "GET behaviour":
      return ok(state.behaviour);
    case "PUT behaviour":
      return putBehaviour(body, state);
    default: {
      const allow = methodsOf.get(at.slice(method.length + 1));
      return allow ? notAllowed(allow) : notFound;
    }
  }
}

const methodsOf: ReadonlyMap<string, string> = new Map([
  ["operations", "POST"],
  ["operations/key", "GET"],
  ["operations/key/end", "POST"],
  ["effects", "GET"],
  ["effects/key", "GET"],
  ["behaviour", "GET, PUT"],
]);

const pageSchema = z.strictObject({
  cursor: z.coerce.number<string>().int().min(0).default(0),
  limit: z.coerce.number<string>().int().min(1).max(10_000).default(1_000),
});

function listEffects(query: string, { record }: SimulatorState): Reply {
  const asked = Object.fromEntries(new URLSearchParams(query));
  const page = pageSchema.safeParse(asked);
  return page.success ? ok(record.effects(page.data.cursor, page.data.limit)) : refusedBody(asked, page.error);
}

/** No effect is an answer too: `count` is 0. */
function getEffect(key: string, { record }: SimulatorState): Reply {
  return ok(record.effectOf(key) ?? { key, operation: null, count: 0, amount: 0, currency: null, at: null });
}

function putBehaviour(body: unknown, state: SimulatorState): Reply {
  const behaviour = behaviourSchema.safeParse(body);
  if (!behaviour.success) return refusedBody(body, behaviour.error);
  state.record.write((tx) => tx.setting("behaviour", JSON.stringify(behaviour.data)));
  behave(state, behaviour.data);
  return ok(behaviour.data);
}

const ok = (body: unknown): Reply => ({ kind: "answer", status: 200, body });

function withKey(encoded: string, then: (key: string) => Reply): Reply {
  const key = keySchema.safeParse(decoded(encoded));
  if (key.success) return then(key.data);
  const message = "the key in the path must be 1 to 255 printable ASCII characters without spaces, percent-encoded";
  return refusal(400, { code: "invalid_key", message, param: "key" });
}

function decoded(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined; // a percent sign that encodes nothing
  }
}

const notFound = refusal(404, {
  code: "no_such_path",
  message:
    "there are POST /v1/operations, GET /v1/operations/{key}, POST /v1/operations/{key}/end, GET /v1/effects, GET /v1/effects/{key}, GET and PUT /v1/behaviour",
});

const notAllowed = (allow: string): Reply => refusal(405, { code: "method_not_allowed", message: `this path takes ${allow}` }, { allow });
