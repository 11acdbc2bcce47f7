import { hash } from "node:crypto";
import type { Tenant } from "../store/store.ts";

/** What a merchant sent under a key, byte by byte, as 32 characters that nothing else has. */
export type SentDigest = string & { readonly isDigest: true };

/** No Idempotency-Key holds the end of a line, so what follows one is the body. */
export const digestOf = ({ merchantId, mode }: Tenant, key: string, body: Buffer): SentDigest =>
  hash("sha256", `${merchantId}${mode}${key}\n${body.toString("latin1")}`, "binary") as string as SentDigest;

const rows = 2_048;
const placesOfRow = 4;
const digestBytes = 32;
const placeBytes = 2 * digestBytes;

/**
 * Requests that this process has lately served, so that a repeat is looked up before it is tried, and the same bytes are not read twice: a hint, never
 * a decision. 8,192 of them in one piece of 512 KiB, four to a row: as objects that live for a second each they would keep the collector busy.
 */
export class RecentKeys {
  readonly #table = Buffer.alloc(rows * placesOfRow * placeBytes);
  readonly #next = new Uint8Array(rows);

  /** The hash of the request that was read from these bytes. */
  of(digest: SentDigest): Buffer | undefined {
    const at = this.#placeOf(digest);
    return at === undefined ? undefined : Buffer.from(this.#table.subarray(at + digestBytes, at + placeBytes));
  }

  /** Forgets whoever came to this row first. */
  remember(digest: SentDigest, requestHash: Buffer): void {
    const row = rowOf(digest);
    const at = this.#placeOf(digest) ?? placeAt(row, this.#next[row]!++ % placesOfRow);
    this.#table.write(digest, at, "latin1");
    requestHash.copy(this.#table, at + digestBytes);
  }

  #placeOf(digest: SentDigest): number | undefined {
    const row = rowOf(digest);
    for (let place = 0; place < placesOfRow; place++) {
      const at = placeAt(row, place);
      if (this.#table[at] === digest.charCodeAt(0) && this.#table.toString("latin1", at, at + digestBytes) === digest) return at;
    }
    return undefined;
  }
}

const placeAt = (row: number, place: number): number => (row * placesOfRow + place) * placeBytes;

// By other characters than the first, which tells most of a row's places apart.
const rowOf = (digest: SentDigest): number => (digest.charCodeAt(1) * 256 + digest.charCodeAt(2)) % rows;
