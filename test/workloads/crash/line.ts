import type { Socket } from "node:net";
import type { Trap } from "./gate.ts";
import type { Framer, Protocol } from "./protocol.ts";

/** One connection through a gate. Once a trap has sprung on it, what comes from either side waits. */
export class Line {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #protocol: Protocol;
  readonly #traps: Set<Trap>;
  readonly #counts: Map<string, number>;
  readonly #requests: Framer;
  readonly #replies: Framer;
  readonly #stopped: (() => void)[] = [];
  #isStopped = false;
  /** The request of this trap got through: its answer is stopped. */
  #unanswered: Trap | undefined;

  constructor(
    client: Socket,
    server: Socket,
    { protocol, traps, asked }: { protocol: Protocol; traps: Set<Trap>; asked: Map<string, number> },
  ) {
    this.#client = client;
    this.#server = server;
    this.#protocol = protocol;
    this.#traps = traps;
    this.#counts = asked;
    this.#requests = protocol.requests();
    this.#replies = protocol.replies();
    client.on("data", (chunk) => this.#inOrder(() => this.#asked(chunk)));
    server.on("data", (chunk) => this.#answered(chunk));
    for (const [end, other] of [
      [client, server],
      [server, client],
    ] as const) {
      end.on("error", () => {}); // "close" follows
      end.on("close", () => other.destroy());
    }
  }

  /** Goes on as if nothing had been. */
  letThrough(): void {
    this.#isStopped = false;
    this.#unanswered = undefined;
    while (!this.#isStopped && this.#stopped.length > 0) this.#stopped.shift()!();
  }

  cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  #asked(chunk: Buffer): void {
    for (const message of this.#requests(chunk)) this.#inOrder(() => this.#ask(message));
  }

  #ask(message: Buffer): void {
    const name = this.#protocol.nameOf(message);
    if (name !== undefined) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    const trap = this.#sprung(name);
    if (!trap) return void this.#server.write(message);
    const { moment } = trap;
    if ("before" in moment) {
      this.#stop(() => this.#server.write(message));
      trap.spring(this);
    } else if ("half" in moment) {
      const middle = Math.ceil(message.length / 2);
      this.#stop(() => this.#server.write(message.subarray(middle)));
      this.#server.write(message.subarray(0, middle), () => trap.spring(this));
    } else {
      this.#unanswered = trap;
      this.#server.write(message, () => {
        if ("during" in moment) trap.spring(this);
      });
    }
  }

  #answered(chunk: Buffer): void {
    for (const message of this.#replies(chunk)) {
      const trap = this.#unanswered;
      if (!trap) this.#inOrder(() => this.#client.write(message));
      else {
        this.#stopped.push(() => this.#client.write(message));
        if (!("after" in trap.moment) || !this.#protocol.endsReply(message)) continue;
        this.#isStopped = true;
        trap.spring(this);
      }
    }
  }

  #sprung(name: string | undefined): Trap | undefined {
    for (const trap of this.#traps) {
      const { moment } = trap;
      const awaited =
        "before" in moment ? moment.before : "half" in moment ? moment.half : "during" in moment ? moment.during : moment.after;
      if (awaited !== name || --trap.usesLeft > 0) continue;
      this.#traps.delete(trap);
      return trap;
    }
    return undefined;
  }

  #stop(resume: () => void): void {
    this.#isStopped = true;
    this.#stopped.unshift(resume);
  }

  #inOrder(go: () => void): void {
    if (this.#isStopped) this.#stopped.push(go);
    else go();
  }
}
