import { StoreUnavailable } from "../store/store.ts";

/** Writes until `until`, by `performance.now()`, while there is no primary: what was learned outside is worth waiting with, as long as we hold it. */
export async function persistently(write: () => Promise<boolean>, until: number): Promise<boolean> {
  for (let pauseMs = 50; ; pauseMs = Math.min(1_000, pauseMs * 2)) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || performance.now() + pauseMs > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random())));
    }
  }
}
