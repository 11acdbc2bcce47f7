import { Marked } from "marked";
import { type Html, html, page } from "./html.ts";

/** A page of the documentation as HTML. Each heading can be linked to by its text, which for an error is its code. */
export function markdownPage(markdown: string): string {
  const headings: { text: string; id: string; depth: number }[] = [];
  const marked = new Marked({
    renderer: {
      heading({ text, depth }) {
        const id = text.toLowerCase().replaceAll(/[^\w]+/g, "-");
        headings.push({ text, id, depth });
        return html`<h${depth} id="${id}"><a href="#${id}">${text}</a></h${depth}>\n`.html;
      },
      link({ href, text }) {
        return html`<a href="${href.replace(/^(api|errors|webhooks)\.md/, "/docs/$1")}">${text}</a>`.html;
      },
    },
  });
  const body: Html = { html: marked.parse(markdown, { async: false }) };
  const contents = html`<ul>${headings.slice(1).map(({ text, id, depth }) => html`<li class="depth${depth}"><a href="#${id}">${text}</a></li>`)}</ul>`;
  return page({ title: headings[0]?.text ?? "Documentation", contents, body });
}
