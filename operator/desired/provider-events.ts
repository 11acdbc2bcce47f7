import type { ApiEnv, SimulatorEnv } from "../../workloads/contract.ts";
import type { FromSecret } from "./env.ts";
import type { Given } from "./given.ts";
import { nameOf } from "./names.ts";
import { secretParts } from "./secrets.ts";

const variable = "PROVIDER_EVENTS_SECRET";
const secretOf = ({ system }: Given): FromSecret => ({ secret: nameOf(system, secretParts.events), key: "secret" });

/** Whose events the API believes. The secret itself is in `before`, to stand in front. */
export function believedEvents(given: Given): {
  env: Pick<ApiEnv, "PROVIDER_EVENT_SECRETS">;
  before: Readonly<Record<string, FromSecret>>;
} {
  const senders = given.system.spec.providers.map(({ name, kind }) => ({ name, kind, secret: `$(${variable})` }));
  return { env: { PROVIDER_EVENT_SECRETS: JSON.stringify(senders) }, before: { [variable]: secretOf(given) } };
}

/** To whom the simulator tells what has ended, for a payment system whose API is at `apiUrl`. */
export function toldEvents(
  given: Given,
  apiUrl: string,
): Required<Pick<SimulatorEnv, "EVENTS_URL">> & { readonly EVENTS_SECRET: FromSecret } {
  const { name } = given.system.spec.providers.find(({ kind }) => kind === "simulator")!;
  return { EVENTS_URL: `${apiUrl}/v1/provider-events/${name}`, EVENTS_SECRET: secretOf(given) };
}
