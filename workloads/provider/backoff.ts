/**
 * Full jitter: anything between 0 and the doubled base, capped. What failed together does not come back together.
 * `tries` is at least 1. (Brooker, "Exponential backoff and jitter", AWS 2015.)
 */
export function backoffSeconds({ baseSeconds, capSeconds }: Backoff, tries: number, random: () => number): number {
  return random() * Math.min(capSeconds, baseSeconds * 2 ** Math.min(tries - 1, 30));
}

export type Backoff = { readonly baseSeconds: number; readonly capSeconds: number };
