/** What keeps us from starting, in a line that ends with the way out. Thrown anywhere below `main.ts`, which prints it without a stack. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
