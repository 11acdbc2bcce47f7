import { stringify } from "yaml";
import { clusterRights, ownRights, peoplesRights, rights } from "../operator/install/rights.ts";
import { alertRules } from "./alerts/alerts.ts";
import { boardJson } from "./boards/board.ts";
import { boards } from "./boards/boards.ts";
import { definitionTemplate } from "./definition-template.ts";
import { readme } from "./readme.ts";
import { runbookIndex } from "./runbook-index.ts";
import { valuesSchema } from "./values-schema.ts";
import { valuesYaml } from "./values-yaml.ts";

/** Files of the chart that are made from sources, by their path in it. */
export function generated(): [path: string, text: string][] {
  return [
    ["templates/crds.yaml", definitionTemplate()],
    [
      "files/rights.yaml",
      yamlOf({ operator: rights, cluster: clusterRights("satang-operator"), own: ownRights("satang-operator"), ...peoplesRights }),
    ],
    ["files/alerts.yaml", yamlOf(alertRules())],
    ...boards.map((board): [string, string] => [`files/boards/${board.name}.json`, boardJson(board)]),
    ["values.yaml", valuesYaml()],
    ["values.schema.json", `${JSON.stringify(valuesSchema(), null, 2)}\n`],
    ["README.md", readme()],
    ["../../docs/runbooks/README.md", runbookIndex()],
  ];
}

const head = "# Made from operator/ and charts/ by `npm run generate`. Change those.\n";

const yamlOf = (value: object): string => head + stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
