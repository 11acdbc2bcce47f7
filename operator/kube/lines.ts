import { KubeError } from "./kube-error.ts";

/** etcd takes objects of 1.5 MiB; a line that grows past this is no event. */
const longestLineBytes = 8 * 2 ** 20;
const newline = 0x0a;

/** The whole lines of a stream. What comes after the last newline was cut off, and is left out. */
export async function* lines(stream: AsyncIterable<Buffer>, onPiece: () => void): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  for await (const piece of stream) {
    onPiece();
    let from = 0;
    for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, from)) {
      yield Buffer.concat([...begun, piece.subarray(from, end)]).toString();
      begun = [];
      begunBytes = 0;
      from = end + 1;
    }
    if (from === piece.length) continue;
    begun.push(piece.subarray(from));
    begunBytes += piece.length - from;
    if (begunBytes > longestLineBytes) throw new KubeError("an event of over 8 MiB", { code: 0, reason: "AnswerTooLong" });
  }
}
