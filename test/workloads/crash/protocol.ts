/** Cuts a stream, as it comes, into whole messages; what is left of one waits for the rest. */
export type Framer = (chunk: Buffer) => Buffer[];

/** What a gate must understand of a protocol, and no more. */
export type Protocol = {
  readonly requests: () => Framer;
  readonly replies: () => Framer;
  /** What a message asks for, where it is something that a test may name. */
  readonly nameOf: (request: Buffer) => string | undefined;
  readonly endsReply: (reply: Buffer) => boolean;
};

/** A point in what a process does, seen from outside: at the `use`-th time (default 1) that it asks for something by that name. */
export type Moment = { readonly use?: number } & (
  | { /** Nothing of the request gets through. */ readonly before: string }
  | { /** Only the first half of the request's bytes gets through. */ readonly half: string }
  | { /** The request gets through, nothing of the answer does. */ readonly during: string }
  | { /** The request gets through and is answered whole; nothing of the answer does. */ readonly after: string }
);

/** A framer from a function that tells how long the message is that a buffer begins with; `undefined`: too little of it is there to tell. */
export function framedBy(lengthOf: (buffer: Buffer) => number | undefined): Framer {
  let left: Buffer = Buffer.alloc(0);
  return (chunk) => {
    left = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    const messages: Buffer[] = [];
    for (;;) {
      const length = left.length === 0 ? undefined : lengthOf(left);
      if (length === undefined || length > left.length) return messages;
      messages.push(left.subarray(0, length));
      left = left.subarray(length);
    }
  };
}
