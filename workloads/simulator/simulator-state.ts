import { type Behaviour, behaviourSchema, faultless } from "./behaviour.ts";
import type { EffectRecord } from "./effect-record.ts";
import { type RateLimit, rateLimit } from "./rate-limit.ts";

/** What lasts between requests. */
export type SimulatorState = { readonly record: EffectRecord; behaviour: Behaviour; limit: RateLimit | undefined };

/** As it was when the process ended, however it ended. */
export function stateOf(record: EffectRecord): SimulatorState {
  const state: SimulatorState = { record, behaviour: faultless, limit: undefined };
  const kept = record.setting("behaviour");
  if (kept) behave(state, behaviourSchema.parse(JSON.parse(kept)));
  return state;
}

/** Takes a behaviour on; a limit that stays the same keeps what it has counted. */
export function behave(state: SimulatorState, behaviour: Behaviour): void {
  state.behaviour = behaviour;
  if (behaviour.ratePerSecond === null) state.limit = undefined;
  else if (state.limit?.perSecond !== behaviour.ratePerSecond) state.limit = rateLimit(behaviour.ratePerSecond);
}
