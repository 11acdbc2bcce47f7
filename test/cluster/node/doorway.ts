// Runs inside a node's namespaces and connects for who is outside. A socket file is reachable from any network
// namespace, so no packet crosses. A caller's first line names host and port; an empty line back says "connected".
// Host names are looked up by the cluster's own DNS, at each connection.
import { connect, createServer } from "node:net";

const path = process.argv[2];
if (!path) throw new Error("usage: doorway.ts SOCKET");

createServer({ allowHalfOpen: true, pauseOnConnect: true }, (outside) => {
  const head: Buffer[] = [];
  outside.on("error", () => outside.destroy());
  outside.on("data", function wanted(chunk: Buffer) {
    head.push(chunk);
    const bytes = Buffer.concat(head);
    const end = bytes.indexOf("\n");
    if (end < 0) return;
    outside.off("data", wanted);
    outside.pause();
    const [host = "", port = ""] = bytes.subarray(0, end).toString().split(" ");
    const inside = connect({ host, port: Number(port), allowHalfOpen: true }, () => {
      outside.write("\n");
      if (end + 1 < bytes.length) inside.write(bytes.subarray(end + 1));
      inside.pipe(outside).pipe(inside);
    });
    inside.on("error", () => outside.destroy());
    inside.on("close", () => outside.destroySoon());
    outside.on("close", () => inside.destroy());
  });
  outside.resume();
}).listen(path);
