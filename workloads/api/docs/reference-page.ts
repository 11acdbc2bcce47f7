import { type Html, html, page } from "./html.ts";
import type { OpenApi } from "./open-api.ts";
import { type Field, fieldsOf } from "./schema-fields.ts";
import type { JsonSchema } from "./schema-of.ts";

/** The reference as a page, made of the OpenAPI document: each thing that can be asked, what it takes, what it answers. */
export function referencePage(document: OpenApi): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...(operation as unknown as Operation),
      path,
      method: method.toUpperCase(),
    })),
  );
  const byTag = Object.entries(Object.groupBy(operations, ({ tags }) => tags[0]!));
  const info = document.info as { description: string };
  return page({
    title: "API reference",
    contents: html`${byTag.map(([tag, all]) => html`<h2>${tag}</h2><ul>${all!.map(entry)}</ul>`)}`,
    body: html`<h1>API reference</h1><p>${info.description} The <a href="/docs/api">guide</a> says how it behaves.</p>
${byTag.map(([tag, all]) => html`<h2>${tag}</h2>${all!.map((operation) => section(operation, document))}`)}`,
  });
}

type Operation = {
  readonly path: string;
  readonly method: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters: readonly { name: string; in: string; required: boolean; description?: string; schema: JsonSchema }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
};
type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

const entry = ({ operationId, method, summary }: Operation): Html =>
  html`<li><a href="#${operationId}"><code class="${method}">${method}</code> ${summary}</a></li>`;

function section(operation: Operation, document: OpenApi): Html {
  const { operationId, method, path, summary, description, parameters, requestBody, responses } = operation;
  const body = requestBody?.content["application/json"]?.schema;
  const sent = parameters.map(({ name, required, schema, ...rest }) => ({
    ...fieldsOf({ type: "object", properties: { [name]: schema }, required: required ? [name] : [] }, document)[0]!,
    note: [rest.in, rest.description].filter(Boolean).join(": "),
  }));
  return html`<section id="${operationId}">
<h3><a href="#${operationId}">${summary}</a></h3>
<p><code class="${method}">${method}</code> <code>${path}</code> <span class="access">${accessOf(operation)}</span></p>
${description === undefined ? [] : html`<p>${description}</p>`}
${table("It takes", [...sent, ...(body ? fieldsOf(body, document) : [])])}
${Object.entries(responses).map(([status, answer]) => answered(status, answer, document))}
</section>`;
}

function accessOf({ security }: Operation): string {
  const [scheme, scopes] = Object.entries(security[0] ?? {})[0] ?? [];
  if (scheme === undefined) return "for everybody";
  return scheme === "adminKey" ? "with the admin key" : `with scope ${scopes!.join(", ")}`;
}

function answered(status: string, { description, content = {} }: Operation["responses"][string], document: OpenApi): Html {
  const problem = content["application/problem+json"]?.schema as
    | { allOf: [unknown, { properties: { code: { enum: string[] } } }] }
    | undefined;
  if (problem) {
    const codes = problem.allOf[1].properties.code.enum;
    return html`<p class="problems"><strong>${status}</strong> ${codes.map((code) => html`<a href="/docs/errors#${code}"><code>${code}</code></a> `)}</p>`;
  }
  const schema = content["application/json"]?.schema;
  const types = Object.keys(content).filter((type) => type !== "application/json");
  const said = types.length > 0 ? `${description} As ${types.join(", ")}.` : description;
  return schema
    ? table(html`<strong>${status}</strong> ${said}`, fieldsOf(schema, document))
    : html`<p><strong>${status}</strong> ${said}</p>`;
}

function table(title: Html | string, fields: readonly Field[]): Html {
  if (fields.length === 0) return html``;
  const rows = fields.map(
    ({ name, type, required, note }) =>
      html`<tr><th scope="row"><code>${name}</code>${required ? [] : html` <small>optional</small>`}</th><td>${type}</td><td>${note}</td></tr>`,
  );
  return html`<details${title instanceof Object ? [] : html` open`}><summary>${title}</summary><table>${rows}</table></details>`;
}
