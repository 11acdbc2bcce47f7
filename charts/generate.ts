import { writeFileSync } from "node:fs";
import { generated } from "./generated.ts";

// What is made from the operator's own sources and committed; a test says when it is stale.
const chart = new URL("satang-operator/", import.meta.url);
for (const [path, text] of generated()) writeFileSync(new URL(path, chart), text);
