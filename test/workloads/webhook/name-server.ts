import { createSocket } from "node:dgram";
import { once } from "node:events";
import ipaddr from "ipaddr.js";

/** A DNS server on this machine, of one's own. */
export interface NameServer extends AsyncDisposable {
  /** `127.0.0.1:port`, as WEBHOOK_DNS_SERVERS takes it. */
  readonly address: string;
  /** The addresses of a name; several lists: one for each time that it is asked, the last for ever. No list: it never answers. */
  set(name: string, ...answers: string[][]): void;
  /** How often it was asked for the IPv4 addresses of a name. */
  asked(name: string): number;
}

const types: { readonly [type: number]: "ipv4" | "ipv6" } = { 1: "ipv4", 28: "ipv6" };

export async function nameServer(): Promise<NameServer> {
  const zone = new Map<string, string[][]>();
  const asked = new Map<string, number>();
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => {
    const { name, type, end } = questionOf(query);
    const kind = types[type];
    const count = asked.get(name) ?? 0;
    if (kind === "ipv4") asked.set(name, count + 1);
    const answers = zone.get(name);
    if (!answers || kind === undefined) return void socket.send(replyTo(query, end, [], nameError), port, address);
    if (answers.length === 0) return;
    const turn = kind === "ipv4" ? count : Math.max(0, count - 1); // both are asked at once, for one look-up
    const all = answers[Math.min(turn, answers.length - 1)]!.map((text) => ipaddr.parse(text)).filter((one) => one.kind() === kind);
    socket.send(
      replyTo(
        query,
        end,
        all.map((one) => Buffer.from(one.toByteArray())),
        0,
      ),
      port,
      address,
    );
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${socket.address().port}`,
    set: (name, ...answers) => void zone.set(name, answers),
    asked: (name) => asked.get(name) ?? 0,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

const nameError = 3;

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function replyTo(query: Buffer, end: number, addresses: readonly Buffer[], code: number): Buffer {
  const head = Buffer.from(query.subarray(0, end));
  head.writeUInt16BE(0x8180 | code, 2); // an answer, recursion available
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8); // nothing but the answer, also when the query came with extensions
  const records = addresses.map((address) => {
    const record = Buffer.alloc(12);
    record.writeUInt16BE(0xc00c, 0); // the name in the question
    record.writeUInt16BE(address.length === 4 ? 1 : 28, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt16BE(address.length, 10); // after a time to live of 0
    return Buffer.concat([record, address]);
  });
  return Buffer.concat([head, ...records]);
}
