import type { Ask } from "./ask.ts";
import { type Cause, KubeError, type Reason } from "./kube-error.ts";

/** What an answer that is no 2xx says. The API server says it as a `Status`; what stands before it, and a server that is not up yet, as text. */
export function refusal(
  { method, path }: Pick<Ask, "method" | "path">,
  code: number,
  retryAfter: string | undefined,
  text: string,
): KubeError {
  const status = statusIn(text);
  const headerSeconds = Number(retryAfter ?? Number.NaN);
  if (status) return ofStatus(status, Number.isFinite(headerSeconds) ? headerSeconds : undefined, code);

  const words = text.trim().slice(0, 200) || "no reason given";
  return new KubeError(`${method} ${path.split("?")[0]}: HTTP ${code}: ${words}`, {
    code,
    reason: reasonByCode[code] ?? "Unknown",
    retryAfterSeconds: Number.isFinite(headerSeconds) ? headerSeconds : undefined,
  });
}

/** A `Status` object, also of a watch's ERROR event. */
export function ofStatus(status: Status, retryAfterSeconds?: number, httpCode = 0): KubeError {
  const code = status.code ?? httpCode;
  return new KubeError(status.message || `HTTP ${code}`, {
    code,
    reason: status.reason || (reasonByCode[code] ?? "Unknown"),
    causes: status.details?.causes ?? [],
    retryAfterSeconds: retryAfterSeconds ?? status.details?.retryAfterSeconds,
  });
}

export interface Status {
  kind: "Status";
  code?: number;
  reason?: string;
  message?: string;
  details?: { causes?: Cause[]; retryAfterSeconds?: number };
}

function statusIn(text: string): Status | undefined {
  try {
    const parsed = JSON.parse(text);
    return parsed?.kind === "Status" ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const reasonByCode: { readonly [code: number]: Reason } = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Gone",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  502: "ServiceUnavailable",
  503: "ServiceUnavailable",
  504: "Timeout",
};
