import { connect, createServer, type Socket } from "node:net";

/** A port of this machine's loopback that leads to one inside the node. Whoever connects while nothing listens there is cut off at once. */
export interface Forward extends AsyncDisposable {
  port: number;
  /** `127.0.0.1:port` */
  address: string;
}

/** Leads from a free port of our loopback through a node's doorway to `host:port` as the node sees it: an address, or a name of cluster DNS. */
export async function forward(doorway: string, host: string, port: number): Promise<Forward> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (caller) => {
    const inside = connect({ path: doorway, allowHalfOpen: true });
    for (const socket of [caller, inside]) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        open.delete(socket);
        caller.destroy();
        inside.destroy();
      });
    }
    inside.write(`${host} ${port}\n`);
    const cutOff = () => caller.destroy(); // half-open, it would stay and answer nobody
    inside.once("end", cutOff);
    inside.once("data", (first: Buffer) => {
      inside.off("end", cutOff);
      if (first.length > 1) caller.write(first.subarray(1)); // after the empty line that says "connected"
      caller.pipe(inside).pipe(caller);
    });
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const at = server.address();
  if (at === null || typeof at === "string") throw new Error("a TCP server has a port");
  return {
    port: at.port,
    address: `127.0.0.1:${at.port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
