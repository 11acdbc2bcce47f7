import { framedBy, type Protocol } from "./protocol.ts";

/** Postgres' protocol, version 3, as far as names of prepared statements go: a statement is "asked for" when it is bound. */
export const postgresProtocol: Protocol = {
  requests() {
    let started = false; // the first message has no type byte
    return framedBy((buffer) => {
      const at = started ? 1 : 0;
      if (buffer.length < at + 4) return undefined;
      const length = at + buffer.readUInt32BE(at);
      if (buffer.length >= length) started = true;
      return length;
    });
  },
  replies: () => framedBy((buffer) => (buffer.length < 5 ? undefined : 1 + buffer.readUInt32BE(1))),
  nameOf(request) {
    if (request[0] !== letter("B") || request.length < 7) return undefined; // a start-up message begins with its length
    const statementAt = request.indexOf(0, 5) + 1; // after the portal's name
    return request.toString("latin1", statementAt, request.indexOf(0, statementAt));
  },
  endsReply: (reply) => reply[0] === letter("Z"), // ReadyForQuery: committed, or rolled back
};

const letter = (one: string): number => one.charCodeAt(0);
