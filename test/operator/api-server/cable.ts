import { connect, createServer, type Socket } from "node:net";

/** A way to a server that can be pulled without anybody being told; what was sent meanwhile arrives when it is plugged in again. */
export interface Cable extends AsyncDisposable {
  readonly port: number;
  pull(): void;
  plugIn(): void;
}

export async function cableTo(url: string): Promise<Cable> {
  const { port, hostname } = new URL(url);
  const ends = new Map<Socket, Socket>();
  let isPulled = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.set(one, other);
      one.on("error", () => one.destroy());
      one.on("close", () => {
        ends.delete(one);
        other.destroy();
      });
      if (isPulled) one.pause();
      else one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    pull() {
      isPulled = true;
      for (const end of ends.keys()) end.unpipe().pause();
    },
    plugIn() {
      isPulled = false;
      for (const [one, other] of ends) one.pipe(other);
    },
    async [Symbol.asyncDispose]() {
      for (const end of ends.keys()) end.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
