import type { IncomingMessage } from "node:http";

/** The largest body that is kept; the longest request that is allowed is not a tenth of it. */
export const maxBodyBytes = 16 * 1024;

/** Stands for a body that was not kept because it was too large; no schema takes it. */
export const tooLarge = Symbol("too large");

/** Reads a body as JSON: `undefined` for what is not JSON. Never calls back when the caller goes away. */
export function readBody(req: IncomingMessage, callback: (body: unknown) => void): void {
  let body: Buffer | undefined;
  let bytes = 0;
  req.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) body = body ? Buffer.concat([body, chunk]) : chunk;
  });
  req.on("end", () => callback(bytes > maxBodyBytes ? tooLarge : parsed(body)));
  req.on("error", () => {}); // the caller went away: nothing was begun, and nobody is there to answer
}

function parsed(body: Buffer | undefined): unknown {
  try {
    return JSON.parse(body?.toString() ?? "");
  } catch {
    return undefined;
  }
}
