import type { ServerResponse } from "node:http";

/** What the caller gets: an answer, a connection that is reset, or one that hangs until the caller goes. */
export type Reply = Told | { readonly kind: "cut"; readonly afterMs?: number } | { readonly kind: "hang" };

export type Told = {
  readonly kind: "answer";
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
  readonly afterMs?: number;
};

/** Why a call was refused, for a machine and for whoever reads its log. `param` names the field that is wrong. */
export type Refusal = { code: string; message: string; param?: string };

export function refusal(status: number, error: Refusal, headers?: Record<string, string>): Told {
  return { kind: "answer", status, body: { error }, ...(headers && { headers }) };
}

export function send(res: ServerResponse, reply: Reply): void {
  if (reply.kind === "hang") return; // the server's limit of connections bounds how many there are
  if (reply.afterMs) setTimeout(sendNow, reply.afterMs, res, reply);
  else sendNow(res, reply);
}

function sendNow(res: ServerResponse, reply: Exclude<Reply, { kind: "hang" }>): void {
  if (res.destroyed) return;
  if (reply.kind === "cut") {
    res.socket?.resetAndDestroy();
    return;
  }
  const text = JSON.stringify(reply.body);
  res.writeHead(reply.status, { "content-type": "application/json", "content-length": Buffer.byteLength(text), ...reply.headers });
  res.end(text);
}
