/** Lets `perSecond` calls through, of which a second's worth may come at once. Its fullness is all it keeps. */
export type RateLimit = { readonly perSecond: number; take(nowMs: number): { retryAfterMs: number } | undefined };

export function rateLimit(perSecond: number): RateLimit {
  const most = Math.max(perSecond, 1);
  let left = most;
  let filledAt = 0;
  return {
    perSecond,
    take(nowMs) {
      left = Math.min(most, left + ((nowMs - filledAt) / 1000) * perSecond);
      filledAt = nowMs;
      if (left < 1) return { retryAfterMs: Math.ceil(((1 - left) / perSecond) * 1000) };
      left -= 1;
      return undefined;
    },
  };
}
