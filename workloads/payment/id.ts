import { createHash, randomFillSync } from "node:crypto";

/** How many buckets merchants are spread over; a shard holds many buckets, so this number never changes. */
export const buckets = 4096;

/** The prefix of a public id, by what it names. */
export const prefixes = {
  payment: "pay",
  refund: "re",
  operation: "op",
  event: "evt",
  merchant: "mer",
  apiKey: "key",
  auditEntry: "aud",
  webhookEndpoint: "we",
  delivery: "dlv",
  request: "req",
} as const;
export type Named = keyof typeof prefixes;

// Crockford's base32, lower case: no i, l, o, u, and it sorts as the bytes do.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const digitOf = new Map([...alphabet].map((letter, value) => [letter, value]));
const bucketLetters = 3; // 15 bits for 12
const uuidLetters = 26; // 130 bits for 128

/** A new UUIDv7 (RFC 9562): 48 bits of milliseconds, a 12-bit counter that keeps ids of one process in order, 62 random bits. */
export function newUuid(now: number = Date.now()): string {
  if (now > lastMs) [lastMs, counter] = [now, 0];
  else if (++counter > 0xfff) [lastMs, counter] = [lastMs + 1, 0]; // 4096 in one millisecond: borrow the next one
  const bytes = randomBytes16();
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return uuidOf(bytes);
}

let lastMs = 0;
let counter = 0;

// Random bytes are drawn for 256 ids at once: one call to the generator for each would cost more than all the rest.
const pool = Buffer.alloc(16 * 256);
let drawn = pool.length;
function randomBytes16(): Buffer {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  drawn += 16;
  return pool.subarray(drawn - 16, drawn);
}

/** When an id of `newUuid` was made, in milliseconds since 1970. */
export const madeAt = (uuid: string): number => Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);

/** The bucket of a merchant: the first 12 bits of SHA-256 over the 16 bytes of its id, as `satang.bucket_of` in SQL. */
export function bucketOf(merchantId: string): number {
  return createHash("sha256").update(bytesOf(merchantId)).digest().readUInt16BE(0) >> 4;
}

/** The id that people see: prefix, bucket and UUID, so that a bare id finds its shard: `pay_0g401jd…`. */
export function publicId(named: Named, bucket: number, uuid: string): string {
  return `${prefixes[named]}_${alphabet[bucket >> 10]}${alphabet[(bucket >> 5) & 31]}${alphabet[bucket & 31]}${base32(uuid)}`;
}

/** Reads a public id back. `undefined` when it is not one of that kind: to the caller that is simply an id that does not exist. */
export function parsePublicId(named: Named, id: string): { bucket: number; uuid: string } | undefined {
  const prefix = `${prefixes[named]}_`;
  if (!id.startsWith(prefix) || id.length !== prefix.length + bucketLetters + uuidLetters) return undefined;
  const bucket = fromBase32(id.slice(prefix.length, prefix.length + bucketLetters));
  const uuid = fromBase32(id.slice(prefix.length + bucketLetters));
  if (bucket === undefined || uuid === undefined || bucket >= BigInt(buckets) || uuid >> 128n !== 0n) return undefined;
  return { bucket: Number(bucket), uuid: uuidOf(Buffer.from(uuid.toString(16).padStart(32, "0"), "hex")) };
}

// Five bits at a time, with plain numbers: an id is written for every answer, and a BigInt would take most of the time that takes.
function base32(uuid: string): string {
  let text = "";
  let bits = 0;
  let held = 2; // 130 bits for 128: two zeros in front
  for (let i = 0; i < uuid.length; i++) {
    const letter = uuid.charCodeAt(i);
    if (letter === dash) continue;
    bits = ((bits & 15) << 4) | (letter - (letter > nine ? lowerA - 10 : zero));
    held += 4;
    if (held < 5) continue;
    held -= 5;
    text += alphabet[(bits >> held) & 31];
  }
  return text;
}

const [dash, zero, nine, lowerA] = [45, 48, 57, 97];

function fromBase32(text: string): bigint | undefined {
  let value = 0n;
  for (const letter of text) {
    const digit = digitOf.get(letter);
    if (digit === undefined) return undefined;
    value = (value << 5n) | BigInt(digit);
  }
  return value;
}

function bytesOf(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
