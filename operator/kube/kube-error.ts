/**
 * Why the API server did not do what it was asked. Everything that fails on the way to it or back is one of these;
 * `reason` is what code looks at, `message` is the server's own words.
 */
export class KubeError extends Error {
  override name = "KubeError";
  /** HTTP status; 0 if there was no answer, and then what was asked may have happened all the same. */
  readonly code: number;
  readonly reason: Reason;
  /** Single faults, as field and message: of an invalid object, or of fields that somebody else owns. */
  readonly causes: readonly Cause[];
  /** When the server would like to be asked again, where it says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, { code, reason, causes = [], retryAfterSeconds, cause }: KubeErrorFields) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
    this.reason = reason;
    this.causes = causes;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** `reason` of a `Status`; the last three are ours, where there was no `Status`: no answer, none in time, or the right to ask was lost. */
export type Reason =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Expired"
  | "Invalid"
  | "TooManyRequests"
  | "InternalError"
  | "ServiceUnavailable"
  | "ServerTimeout"
  | "Timeout"
  | "Unreachable"
  | "NoAnswerInTime"
  | "Fenced"
  | (string & {});

export interface Cause {
  reason?: string;
  message?: string;
  field?: string;
}

/** The reason of a `KubeError`, and undefined of any other error. */
export const reasonOf = (error: unknown): Reason | undefined => (error instanceof KubeError ? error.reason : undefined);

/** Whether the server has forgotten the moment that was asked for, so that only a new list helps. */
export const isExpired = (error: unknown): boolean => error instanceof KubeError && error.code === 410;

interface KubeErrorFields {
  code: number;
  reason: Reason;
  causes?: readonly Cause[];
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}
