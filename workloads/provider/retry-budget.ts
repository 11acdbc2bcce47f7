/**
 * Bounds what retries add to a provider's load: a fifth of the first calls and a few a second. A retry that was answered gives its
 * token back, so that work piled up in an outage drains at full speed once the provider is well, and only futile retries are held back.
 * (Finagle's RetryBudget; giving back as the AWS SDKs do.)
 */
export type RetryBudget = {
  /** A first call was made. */
  firstCall(): void;
  /** Whether a retry may go. */
  take(): boolean;
  giveBack(): void;
};

/** `most` bounds how many retries may be under way at once; `now` is in milliseconds. */
export function retryBudget({ share = 0.2, perSecond = 10, most = 500 } = {}, now: () => number = () => performance.now()): RetryBudget {
  let tokens = most;
  let filledAt = now();
  const add = (count: number): void => {
    tokens = Math.min(most, tokens + count);
  };
  return {
    firstCall: () => add(share),
    take() {
      add(((now() - filledAt) / 1000) * perSecond);
      filledAt = now();
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    giveBack: () => add(1),
  };
}
