import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createHistogram } from "node:perf_hooks";
import { parseArgs } from "node:util";

// A load generator small enough to stand on the same two cores: raw sockets, one request in flight on each, no pipelining.
// It prints one line of JSON: how many were answered as expected, how many not, and the latencies.
const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string" },
    key: { type: "string" }, // of the merchant who pays
    keys: { type: "string" }, // in its place a file: keys of merchants who pay in turn, one a line
    connections: { type: "string", default: "64" },
    seconds: { type: "string" },
    rate: { type: "string" }, // requests a second, sent when due whether or not earlier ones are answered; without: as fast as answers come
    replay: { type: "string" }, // use this many keys again and again
    prefix: { type: "string", default: "load" },
    random: { type: "boolean", default: false }, // idempotency keys that lie anywhere among those of `growth/filling.ts`
    get: { type: "string" }, // a file: ask for the paths in it, one a line, again and again, instead of paying
    expect: { type: "string", default: "202" },
  },
});
const body = JSON.stringify({ amount: 350, currency: "THB", method: { type: "card", token: "tok_visa" } });
const linesOf = (file: string) => readFileSync(file, "utf8").trim().split("\n");
const keys = values.keys === undefined ? [values.key] : linesOf(values.keys);
const froms = keys.map((key) => `HTTP/1.1\r\nHost: ${values.host}\r\nAuthorization: Bearer ${key}\r\n`);
const paying = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nIdempotency-Key: `;
const paths = values.get === undefined ? undefined : linesOf(values.get);
const run = randomBytes(4)
  .toString("hex")
  .replace(/\d/g, (digit) => "ghijklmnop"[Number(digit)]!); // digits and a count can make a card number, which no key may hold
const replay = Number(values.replay ?? 0);
const expected = `HTTP/1.1 ${values.expect}`;
const latencies = createHistogram(); // microseconds, from when the request was due

let sent = 0;
let good = 0;
const bad: Record<string, number> = {};
const endsAt = performance.now() + Number(values.seconds) * 1000;

function request(): string {
  const n = sent++;
  const from = froms[n % froms.length];
  if (paths) return `GET ${paths[n % paths.length]} ${from}\r\n`;
  return `POST /v1/payments ${from}${paying}${key(n)}\r\n\r\n${body}`;
}

function key(n: number): string {
  if (replay > 0) return `${values.prefix}-${n % replay}`;
  return values.random ? `bench-${Math.floor(Math.random() * 1e9)}-${run}-${n}` : `${values.prefix}-${run}-${n}`;
}

function count(answer: string, dueAt: number): void {
  latencies.record(Math.max(1, Math.round((performance.now() - dueAt) * 1000)));
  if (answer.startsWith(expected)) good += 1;
  else bad[answer.slice(9, 12)] = (bad[answer.slice(9, 12)] ?? 0) + 1;
}

type Line = { send(dueAt: number): void; close(): void };

function line(onFree: (line: Line) => void): Line {
  const socket = connect(Number(values.port), values.host);
  socket.setNoDelay(true);
  let due = 0;
  let buffered = "";
  const self: Line = {
    send(dueAt) {
      due = dueAt;
      socket.write(request());
    },
    close: () => socket.destroy(),
  };
  socket.on("connect", () => onFree(self));
  socket.on("data", (chunk) => {
    buffered += chunk.toString("latin1");
    const end = buffered.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(buffered)?.[1] ?? 0);
    if (buffered.length < end + 4 + length) return;
    count(buffered, due);
    buffered = "";
    onFree(self);
  });
  socket.on("error", (error) => {
    bad[(error as NodeJS.ErrnoException).code ?? "error"] = (bad[(error as NodeJS.ErrnoException).code ?? "error"] ?? 0) + 1;
  });
  return self;
}

const lines: Line[] = [];
const connections = Number(values.connections);
if (values.rate) openLoop(1000 / Number(values.rate));
else for (let i = 0; i < connections; i++) lines.push(line((free) => performance.now() < endsAt && free.send(performance.now())));

function openLoop(everyMs: number): void {
  const free: Line[] = [];
  const late: number[] = []; // due and not sent yet, for all lines are busy: their waiting counts
  let nextAt = Number.POSITIVE_INFINITY; // until every line is open: what connecting costs is no answer's time
  let opening = connections;
  for (let i = 0; i < connections; i++) {
    lines.push(
      line((freed) => {
        if (opening > 0 && --opening === 0) nextAt = performance.now();
        const dueAt = late.shift();
        if (dueAt === undefined) free.push(freed);
        else freed.send(dueAt);
      }),
    );
  }
  const timer = setInterval(() => {
    const now = performance.now();
    if (now > endsAt) return clearInterval(timer);
    for (; nextAt <= now; nextAt += everyMs) {
      const line = free.pop();
      if (line) line.send(nextAt);
      else late.push(nextAt);
    }
  }, 1);
}

const start = performance.now();
setTimeout(
  () => {
    for (const line of lines) line.close();
    const ms = (percentile: number) => latencies.percentile(percentile) / 1000;
    const seconds = (performance.now() - start) / 1000;
    process.stdout.write(`${JSON.stringify({ good, bad, perSecond: good / seconds, p50: ms(50), p95: ms(95), p99: ms(99) })}\n`);
    process.exit(0);
  },
  Number(values.seconds) * 1000 + 100,
);
