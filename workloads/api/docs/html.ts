/** HTML that is safe to put into a page. */
export type Html = { readonly html: string };

/** A template whose values are escaped, unless they are `Html` already; lists are joined. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { html: parts.map((part, i) => part + (i < values.length ? shown(values[i]) : "")).join("") };
}

type Value = Html | string | number | undefined | readonly Value[];

function shown(value: Value): string {
  if (value === undefined) return "";
  if (typeof value === "string" || typeof value === "number") return escaped(String(value));
  return "html" in value ? value.html : value.map(shown).join("");
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

/** A whole page. `contents`: what stands at its side. */
export function page({ title, contents, body }: { title: string; contents: Html; body: Html }): string {
  const whole = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Satang</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<nav>
<p><a href="/docs">Reference</a> <a href="/docs/api">Guide</a> <a href="/docs/errors">Errors</a> <a href="/openapi.json">OpenAPI</a></p>
${contents}
</nav>
<main>
${body}
</main>
</body>
</html>
`;
  return whole.html;
}
