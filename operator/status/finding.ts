/**
 * What a check has found. `working`: it is on its way and nothing is wrong. `failing`: something is wrong, and we go on trying. `stuck`: something is wrong, and
 * trying again is of no use until somebody changes something.
 */
export interface Finding {
  readonly state: "well" | "working" | "failing" | "stuck";
  /** One word in CamelCase, for programs. */
  readonly reason: string;
  /** For people: what is wrong in the words of the one who knows, and the way out. */
  readonly message: string;
}

export const well = (reason: string, message: string): Finding => ({ state: "well", reason, message });
export const working = (reason: string, message: string): Finding => ({ state: "working", reason, message });
export const failing = (reason: string, message: string): Finding => ({ state: "failing", reason, message });
export const stuck = (reason: string, message: string): Finding => ({ state: "stuck", reason, message });
