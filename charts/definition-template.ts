import { stringify } from "yaml";
import { customResourceDefinition } from "../crds/definition.ts";

/** The definition as a template, for Helm never upgrades what lies in a chart's `crds/` folder. */
export function definitionTemplate(): string {
  const { metadata, ...rest } = customResourceDefinition();
  const { apiVersion, kind, ...others } = rest;
  return `{{- /* Made from crds/ by \`npm run generate\`. Change those. */ -}}
{{- if .Values.crds.install }}
apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: ${metadata!.name}
  labels:
    {{- include "satang.labels" . | nindent 4 }}
  {{- with merge (ternary (dict "helm.sh/resource-policy" "keep") (dict) .Values.crds.keep) .Values.crds.annotations .Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
${escaped(stringify(others, { lineWidth: 0, aliasDuplicateObjects: false }))}{{- end }}
`;
}

const escaped = (text: string): string => text.replaceAll("{{", '{{ "{{" }}');
