import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Served, serve } from "./served.ts";
import { coffee, type Shop } from "./shop.ts";

let served: Served;
let shop: Shop;
beforeAll(async () => {
  served = await serve({ worker: false });
  shop = await served.shop();
});
afterAll(() => served[Symbol.asyncDispose]());

/** Sends bytes as they are and returns all that comes back until the other side closes, or is silent for a second. */
function talk(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(served.url);
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" || error.code === "EPIPE" ? undefined : reject(error),
    );
    socket.write(bytes);
  });
}

const body = JSON.stringify(coffee);
function head(...lines: string[]): string {
  const auth = `authorization: Bearer ${shop.secretKey}`;
  return ["POST /v1/payments HTTP/1.1", "host: x", auth, "content-type: application/json", "idempotency-key: raw", ...lines, "", ""].join(
    "\r\n",
  );
}

describe("bytes that are not the HTTP that they should be", () => {
  test.for<[what: string, bytes: () => string, status: number, code: string]>([
    ["no request at all", () => "HELLO\r\n\r\n", 400, "request_malformed"],
    ["TLS", () => "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "request_malformed"],
    ["HTTP/2", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "request_malformed"],
    ["a header without a name", () => "GET / HTTP/1.1\r\nhost: x\r\n: y\r\n\r\n", 400, "request_malformed"],
    ["no Host", () => "GET / HTTP/1.1\r\n\r\n", 400, "request_malformed"],
    ["headers without end", () => `GET / HTTP/1.1\r\nhost: x\r\nx: ${"x".repeat(20_000)}\r\n\r\n`, 431, "headers_too_large"],
    ["a path without end", () => `GET /${"x".repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 431, "headers_too_large"],
    ["two lengths", () => `${head(`content-length: ${body.length}`, "content-length: 5")}${body}`, 400, "request_malformed"],
    ["a length below zero", () => head("content-length: -1"), 400, "request_malformed"],
    ["a length and chunks", () => head("content-length: 5", "transfer-encoding: chunked"), 400, "request_malformed"],
    ["a chunk that is no chunk", () => `${head("transfer-encoding: chunked")}zz\r\n`, 400, "request_malformed"],
    ["an expectation", () => head("content-length: 0", "expect: 200-ok"), 417, "expectation_failed"],
    ["a tunnel", () => "CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n", 405, "method_not_allowed"],
  ])("are answered with a problem: %s", async ([, bytes, status, code]) => {
    const answer = await talk(bytes());

    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain("content-type: application/problem+json");
    expect(answer).toContain(`"code":"${code}"`);
    expect(await shop.count("payments")).toBe(0);
  });

  test("are too many, and come without a length: it is said after 64 KiB", async () => {
    const chunk = `${(8_192).toString(16)}\r\n${" ".repeat(8_192)}\r\n`;

    const answer = await talk(`${head("transfer-encoding: chunked")}${chunk.repeat(10)}0\r\n\r\n`);

    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('"code":"body_too_large"');
  });

  test("end in the middle of a body: nothing is stored, and the key may be used", async () => {
    const { hostname, port } = new URL(served.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(`${head(`content-length: ${body.length}`)}${body.slice(0, 20)}`, () => socket.destroy()),
      );
      socket.on("close", () => resolve());
    });

    expect(await shop.count("payments")).toBe(0);
    expect(await talk(`${head(`content-length: ${body.length}`, "connection: close")}${body}`)).toMatch(/^HTTP\/1.1 202 /);
    expect(await shop.count("payments")).toBe(1);
  });

  test("are two requests in one write: each is answered", async () => {
    const willing = await served.shop();
    const one = (key: string) =>
      head(`content-length: ${body.length}`).replace("raw", key).replace(shop.secretKey, willing.secretKey) + body;

    const answer = await talk(one("first") + one("second"));

    expect(answer.match(/HTTP\/1.1 202 /g)?.length).toBe(2);
    expect(await willing.count("payments")).toBe(2);
  });
});
