/** A wait that doubles with each failure up to `most`; at random between half and the whole of it, so that many do not come back together. */
export function backoff({ first, most }: { first: number; most: number }, failures: number): number {
  return Math.min(first * 2 ** (failures - 1), most) * (0.5 + Math.random() / 2);
}
