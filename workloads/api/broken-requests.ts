import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Answer, newRequestId, type ProblemDeps, problemAnswer } from "./endpoint.ts";
import { type ProblemCode, Refusal } from "./problem.ts";

// Got, not imported: see telemetry/management.ts.
const { STATUS_CODES } = process.getBuiltinModule("node:http");

/** Answers what never becomes a request: bytes that are not HTTP, too many headers, a sender who is too slow. */
export function answerBrokenRequests(server: Server, deps: ProblemDeps): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    const { code, detail } = faultOf(error.code);
    sayLast(socket, answerTo(code, detail, deps));
  });
  server.on("connect", (_request: IncomingMessage, socket: Socket) => {
    sayLast(socket, answerTo("method_not_allowed", "This is no proxy.", deps));
  });
  server.on("checkExpectation", (_request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = answerTo("expectation_failed", "The only Expect that is met is 100-continue.", deps);
    response.writeHead(status, headers).end(JSON.stringify(body));
  });
}

function faultOf(code: string | undefined): { code: ProblemCode; detail: string } {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return { code: "headers_too_large", detail: "All headers together may have 16 kB." };
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { code: "request_timeout", detail: "A request must arrive within 30 s, its headers within 20 s. Send it again." };
    default:
      return {
        code: "request_malformed",
        detail: "These bytes are not HTTP/1.1. Check the request line, the headers and the chunks of the body.",
      };
  }
}

function answerTo(code: ProblemCode, detail: string, deps: ProblemDeps): Answer {
  const requestId = newRequestId();
  const refusal = new Refusal({ code, detail }, { headers: { connection: "close", "request-id": requestId } });
  return problemAnswer(refusal, { requestId, route: "none", ...deps });
}

// Whoever sent this may never close his side, so ours does not wait for it.
function sayLast(socket: Socket, answer: Answer): void {
  socket.write(written(answer));
  socket.destroySoon();
}

function written({ status, headers, body }: Answer): string {
  const text = JSON.stringify(body);
  const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(text)) }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("\r\n")}\r\n\r\n${text}`;
}
