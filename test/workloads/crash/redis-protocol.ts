import { framedBy, type Protocol } from "./protocol.ts";

/** Redis' protocol: each request is an array of strings. One that carries our jobs is named `hint`, others by their command. */
export const redisProtocol: Protocol = {
  requests: () => framedBy(requestLength),
  replies: () => (chunk) => [chunk],
  nameOf: (request) =>
    request.includes('{"refs":') ? "hint" : /\r\n(\w+)\r\n/.exec(request.toString("latin1", 0, 60))?.[1]?.toLowerCase(),
  endsReply: () => true,
};

function requestLength(buffer: Buffer): number | undefined {
  let at = 0;
  const number = (): number | undefined => {
    const end = buffer.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const value = Number(buffer.toString("latin1", at + 1, end)); // after `*` or `$`
    at = end + 2;
    return value;
  };
  const strings = number();
  if (strings === undefined) return undefined;
  for (let i = 0; i < strings; i++) {
    const length = number();
    if (length === undefined) return undefined;
    at += length + 2;
    if (at > buffer.length) return undefined;
  }
  return at;
}
