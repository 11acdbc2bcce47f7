import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Answer, Asked } from "../endpoint.ts";
import { matches } from "../if-none-match.ts";
import type { Route } from "../route.ts";

export type DocsDeps = { readonly all: () => readonly Route[]; readonly publicUrl: string };

/** What explains the API, to programs and to people. Each is made when it is first asked for: most processes never are. */
export function docsRoutes({ all, publicUrl }: DocsDeps): readonly Route[] {
  const openApi = once(async () => {
    const [{ openApi }, { version }] = await Promise.all([import("./open-api.ts"), ofPackage()]);
    return openApi(all(), { publicUrl, version });
  });
  const page = async (name: "api" | "errors" | "webhooks"): Promise<string> => {
    const [{ markdownPage }, text] = await Promise.all([
      import("./markdown-page.ts"),
      readFile(new URL(`../../../docs/${name}.md`, import.meta.url), "utf8"),
    ]);
    return markdownPage(text);
  };
  return [
    served("/openapi.json", "The API as OpenAPI 3.1", "application/json", async () => JSON.stringify(await openApi())),
    served("/docs", "The API's reference, to be read", html, async () =>
      (await import("./reference-page.ts")).referencePage(await openApi()),
    ),
    served("/docs/api", "How the API behaves", html, () => page("api")),
    served("/docs/errors", "What each error code means", html, () => page("errors")),
    served("/docs/webhooks", "How merchants are told", html, () => page("webhooks")),
    served("/docs/style.css", "How these pages look", "text/css; charset=utf-8", () =>
      readFile(new URL("./style.css", import.meta.url), "utf8"),
    ),
  ];
}

const html = "text/html; charset=utf-8";

// The pages run no scripts and load nothing from elsewhere.
const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function served(path: `/${string}`, summary: string, type: string, make: () => Promise<string>): Route {
  const text = once(make);
  const answers = { 200: { description: summary, otherTypes: [type] }, 304: { description: "You have it." } };
  return {
    method: "GET",
    path,
    access: "public",
    load: "read",
    doc: { summary, answers, problems: [] },
    handle: async ({ request }: Asked): Promise<Answer> => {
      const body = await text();
      const etag = `"${hash("sha256", body, "base64url")}"`;
      const headers = {
        etag,
        "cache-control": "public, max-age=300",
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
      };
      if (matches(request.headers["if-none-match"], etag)) return { status: 304, headers };
      return { status: 200, headers: { ...headers, "content-type": type }, text: body };
    },
  };
}

/** Made once, and again if that failed. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

async function ofPackage(): Promise<{ version: string }> {
  return JSON.parse(await readFile(new URL("../../../package.json", import.meta.url), "utf8"));
}
