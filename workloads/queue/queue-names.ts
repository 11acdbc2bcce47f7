/** All keys of ours in Redis begin with it. */
export const prefix = "satang";

/** A finished or failed job is gone at once: its history is in Postgres, and a job id that stays would swallow the next one. */
export const jobOptions = { removeOnComplete: true, removeOnFail: true, attempts: 1 } as const;
