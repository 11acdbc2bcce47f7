import { stringify } from "yaml";
import { customResourceDefinition } from "./definition.ts";

const head = "# Made from the schemas beside it by `npm run generate`. Change those.\n";

/** `payment-system.yaml`, to be given to `kubectl apply --server-side`. */
export const definitionYaml = (): string => head + stringify(customResourceDefinition(), { lineWidth: 0, aliasDuplicateObjects: false });
