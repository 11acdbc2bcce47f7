import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { newUuid, prefixes } from "../payment/id.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { ClientGone } from "./body.ts";
import { problemBody, problems, Refusal, refusalOf } from "./problem.ts";
import { refuseCardNumber } from "./refuse-card-number.ts";

/** What a handler answers. Refusals are thrown. `body` is written as JSON; `text` as it is, with its own content-type among the headers. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** What comes piece by piece is written as fast as it is taken; if it breaks off, so does the answer. */
  readonly text?: string | AsyncIterable<string>;
};

/** `Request` is Express' where a route has parameters. */
export type Asked<Request extends IncomingMessage = IncomingMessage> = {
  readonly request: Request;
  readonly response: ServerResponse;
  readonly requestId: string;
};

export type Handler<Request extends IncomingMessage = IncomingMessage> = (asked: Asked<Request>) => Answer | Promise<Answer>;

export type EndpointDeps = {
  readonly log: Log;
  readonly metrics: Pick<Metrics, "observeHttp">;
  /** What a link to this API begins with, without a slash at its end; empty: links are paths. */
  readonly publicUrl: string;
  /** While true, connections are closed after their answer. */
  readonly isEnding: () => boolean;
};

/** Puts a handler behind a route: gives the request an id, writes the answer or the problem, counts it. `route` is the pattern, for metrics. */
export function endpoint<Request extends IncomingMessage>(route: string, handler: Handler<Request>, deps: EndpointDeps) {
  return async (request: Request, response: ServerResponse): Promise<void> => {
    const start = performance.now();
    const requestId = newRequestId();
    let answer: Answer;
    try {
      refuseCardNumber(request, route);
      if (request.headers.host === undefined && request.httpVersionMinor === 1) throw hostMissing;
      answer = await handler({ request, response, requestId });
    } catch (error) {
      if (error instanceof ClientGone) return void response.destroy();
      answer = problemAnswer(error, { requestId, route, request, ...deps });
    }
    if (deps.isEnding()) response.shouldKeepAlive = false;
    if (typeof answer.text === "object") await writePieces(response, answer.text, { answer, requestId, log: deps.log });
    else write(response, answer, requestId);

    const seconds = (performance.now() - start) / 1000;
    const method = request.method !== undefined && knownMethods.has(request.method) ? request.method : "other";
    deps.metrics.observeHttp(method, route, answer.status, seconds);
    if (deps.log.isLevelEnabled("debug"))
      deps.log.debug({ request_id: requestId, method, route, status: answer.status, seconds }, "answered");
  };
}

const hostMissing = new Refusal({ code: "request_malformed", detail: "HTTP/1.1 wants a Host header." });

const knownMethods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** A client's own id is not taken: ours must be unique, and fit for a log. */
export const newRequestId = (): string => `${prefixes.request}_${newUuid().replaceAll("-", "")}`;

export type ProblemDeps = Pick<EndpointDeps, "log" | "publicUrl">;

/** The answer to a request that was not served, logged: as ours to mend when it is. */
export function problemAnswer(
  error: unknown,
  { requestId, route, request, log, publicUrl }: { requestId: string; route: string; request?: IncomingMessage } & ProblemDeps,
): Answer {
  const refusal = refusalOf(error);
  const { status } = problems[refusal.code];
  const about = { request_id: requestId, route, method: request?.method, status, code: refusal.code, param: refusal.param };
  if (status === 500) log.error({ ...about, err: error }, "a request failed");
  // Where we refuse, the stack says nothing, and it is dear when there is too much to do anyway.
  else if (status > 500) log.warn(refusal === error ? about : { ...about, err: error }, "a request could not be served");
  else log.info(about, "a request was refused");
  const headers = { "content-type": "application/problem+json", ...refusal.headers };
  return { status, headers, body: problemBody(refusal, requestId, publicUrl) };
}

function write(response: ServerResponse, answer: Answer, requestId: string): void {
  const text = typeof answer.text === "string" ? answer.text : answer.body === undefined ? "" : JSON.stringify(answer.body);
  const ours: Record<string, string | number> = { "request-id": requestId, "cache-control": "no-store" };
  if (answer.body !== undefined) ours["content-type"] = "application/json";
  if (text !== "") ours["content-length"] = Buffer.byteLength(text);
  response.writeHead(answer.status, answer.headers === undefined ? ours : Object.assign(ours, answer.headers)).end(text);
}

async function writePieces(
  response: ServerResponse,
  pieces: AsyncIterable<string>,
  { answer: { status, headers }, requestId, log }: { answer: Answer; requestId: string; log: Log },
): Promise<void> {
  response.writeHead(status, { "request-id": requestId, "cache-control": "no-store", ...headers });
  try {
    await pipeline(Readable.from(pieces), response);
  } catch (error) {
    log.warn({ request_id: requestId, err: error }, "an answer broke off"); // the client sees that its last piece is missing
  }
}
