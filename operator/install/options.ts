import { parseArgs } from "node:util";
import { Refusal } from "../local/refusal.ts";

export type Options = { readonly namespace: string; readonly registry: string } | "help";

export const usage = `Prints what makes a cluster take PaymentSystems: the definition, the operator, and what it may do.

  npm run --silent install-yaml -- --registry REGISTRY | kubectl apply --server-side -f -

  --registry REGISTRY     where the images of this version are, such as registry.example.com/team:
                          satang-operator, satang-workloads, satang-postgres, satang-redis
  --namespace NAMESPACE   where the operator lives; default satang-system
  --help                  print this
`;

/** Reads the command line. Throws `Refusal` for what it does not know. */
export function optionsOf(args: readonly string[]): Options {
  const { registry, namespace = "satang-system", help } = parsed(args);
  if (help) return "help";
  if (registry === undefined)
    throw new Refusal("--registry is missing: say where the images are, such as --registry registry.example.com/team");
  if (!/^[a-z0-9][-a-z0-9._:/]{0,198}[a-z0-9]$/.test(registry))
    throw new Refusal(`--registry must be a host and a path in lower case, such as registry.example.com/team, not "${registry}"`);
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace))
    throw new Refusal(`--namespace must be 1 to 63 of a-z, 0-9 and -, not "${namespace}"`);
  return { registry, namespace };
}

function parsed(args: readonly string[]) {
  try {
    const options = { registry: { type: "string" }, namespace: { type: "string" }, help: { type: "boolean", short: "h" } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const first = (error as Error).message.split(/\.\s|\n/)[0]!; // the rest explains how to pass an argument that begins with a dash
    throw new Refusal(`${first.charAt(0).toLowerCase()}${first.slice(1)}; --help lists what there is`, { cause: error });
  }
}
