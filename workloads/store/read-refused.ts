/**
 * A read that was not served, for a reason that passes. `behind`: no replica has come as far as the question asks. `busy`: as many read
 * at once as may. `slow`: it took longer than a read of its size is given.
 */
export class ReadRefused extends Error {
  override readonly name = "ReadRefused";
  readonly why: "behind" | "busy" | "slow";

  constructor(why: ReadRefused["why"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.why = why;
  }
}
