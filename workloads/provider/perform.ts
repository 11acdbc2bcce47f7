import type { ClaimedOperation } from "../payment/operation.ts";
import { referenceOf } from "../payment/reference.ts";
import { type Circumstances, type Consequence, consequenceOf, type Heard } from "./outcome.ts";
import type { Provider, ProviderCall } from "./provider.ts";
import { resendOf } from "./resend.ts";
import type { RetryBudget } from "./retry-budget.ts";

export type PerformDeps = Circumstances & { readonly retryBudget: RetryBudget };

/**
 * Asks the provider for a claimed operation and says what is to be written of it. Whatever happened before, the provider sees one key:
 * an operation that may have reached it is looked up first, and goes again only where the same key cannot do it twice. It takes two
 * provider timeouts at the longest.
 */
export async function perform(claimed: ClaimedOperation, provider: Provider, deps: PerformDeps): Promise<Consequence> {
  const { retryBudget } = deps;
  if (claimed.attempt === 1) retryBudget.firstCall();
  else if (!retryBudget.take()) return consequenceOf(claimed, { kind: "out_of_budget" }, deps);

  const call = callOf(claimed);
  const heard = claimed.resolving ? await resolve(claimed, call, provider, deps) : await provider.send(call);
  if (claimed.attempt > 1 && isNoBurden(heard)) retryBudget.giveBack();
  return consequenceOf(claimed, heard, deps);
}

async function resolve(claimed: ClaimedOperation, call: ProviderCall, provider: Provider, { now }: PerformDeps): Promise<Heard> {
  const { canFind } = provider.capabilities;
  const found: Heard = canFind ? await provider.find(call) : { kind: "never_seen" };
  if (found.kind !== "never_seen") return found;
  switch (resendOf(claimed, provider.capabilities, now())) {
    case "resend":
      return provider.send(call);
    case "wait":
      return found;
    case "never":
      return { kind: "no_way_left", reason: "the provider cannot be asked about it, and no longer knows its key" };
  }
}

/** The provider is well, or did not hear of it. */
const isNoBurden = ({ kind }: Heard): boolean => kind === "succeeded" || kind === "declined" || kind === "pending" || kind === "not_sent";

function callOf(claimed: ClaimedOperation): ProviderCall {
  const { id, kind, amount, currency, method, parentReference } = claimed;
  return { key: id, kind, amount, currency, method, parentReference, reference: referenceOf(claimed) };
}
