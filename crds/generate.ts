import { writeFileSync } from "node:fs";
import { definitionYaml } from "./definition-yaml.ts";
import { reference } from "./reference.ts";

// What is made from the schemas and committed; a test says when it is stale.
writeFileSync(new URL("payment-system.yaml", import.meta.url), definitionYaml());
writeFileSync(new URL("../docs/custom-resource.md", import.meta.url), reference());
