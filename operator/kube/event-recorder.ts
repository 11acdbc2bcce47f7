import type { KubeObject } from "./kinds.ts";
import type { Kube } from "./kube.ts";

export interface EventRecorder {
  /**
   * Tells people about an object, in `kubectl describe` and `kubectl events`. The same again raises the count of the first. Never
   * throws and is not waited for: an event may be lost, so nothing may depend on it.
   */
  record(about: About, event: { type: "Normal" | "Warning"; reason: string; message: string }): void;
  /** Resolves when what was recorded so far is written or given up. */
  flush(): Promise<void>;
}

export type About = Pick<KubeObject, "apiVersion"> & {
  kind: string;
  metadata: { name: string; namespace?: string | undefined; uid: string };
};

export interface EventRecorderOptions {
  /** Who reports: `satang.dev/operator`. */
  controller: string;
  /** Which of its processes. */
  instance: string;
  onTrouble?: ((error: Error) => void) | undefined;
}

export declare function eventRecorder(kube: Kube, options: EventRecorderOptions): EventRecorder;
