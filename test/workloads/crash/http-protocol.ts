import { type Framer, framedBy, type Protocol } from "./protocol.ts";

/** HTTP/1.1 with bodies of a declared length. A request is named by method and first two parts of its path: `POST /v1/operations`. */
export const httpProtocol: Protocol = {
  requests: messages,
  replies: messages,
  nameOf: (request) => /^[A-Z]+ \/[^/? ]*(\/[^/? ]*)?/.exec(request.toString("latin1", 0, 200))?.[0],
  endsReply: () => true, // the framer gives whole answers
};

function messages(): Framer {
  return framedBy((buffer) => {
    const headEnd = buffer.indexOf("\r\n\r\n");
    if (headEnd < 0) return undefined;
    const head = buffer.toString("latin1", 0, headEnd);
    if (/\r\ntransfer-encoding:/i.test(head)) throw new Error("the gate does not understand chunked bodies");
    return headEnd + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  });
}
