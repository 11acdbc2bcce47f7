import type { Access } from "./access.ts";
import type { Kube } from "./kube.ts";

export interface ClientOptions {
  /** Default 30. */
  requestSeconds?: number | undefined;
  /** Told of every answer, for a metric; 0: none came. */
  onAnswer?: ((verb: string, code: number) => void) | undefined;
}

/** The API server over connections that are kept: at most 16 at once besides one for each watch, none idle for more than a minute. */
export declare function client(access: Access, options?: ClientOptions): Kube & AsyncDisposable;
