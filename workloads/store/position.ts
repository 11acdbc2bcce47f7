/**
 * How far a shard's history had come, as sixteen hexadecimal digits: the place in the write-ahead log right after a commit. Who holds
 * one may ask to read nothing older; to a client it is an opaque `Consistency-Token`.
 */
export type Position = string & { readonly __brand: "Position" };

/** `undefined` when a text is no position. */
export function parsePosition(text: string): Position | undefined {
  return /^[0-9a-f]{16}$/.test(text) ? (text as Position) : undefined;
}

/** From Postgres' own form, `16/B374D848`. */
export function positionOf(lsn: string): Position {
  const [high, low] = lsn.split("/");
  return `${high!.padStart(8, "0")}${low!.padStart(8, "0")}`.toLowerCase() as Position;
}

export function lsnOf(position: Position): string {
  return `${position.slice(0, 8)}/${position.slice(8)}`;
}
