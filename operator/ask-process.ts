// Not by `fetch`, nor by an import, which would read the client behind it as well: 12 MiB.
const http = process.getBuiltinModule("node:http");

/** Where a process answers in its pod, which has no Service. */
export const urlAt = (podIP: string, port: number, path: string): string =>
  `http://${podIP.includes(":") ? `[${podIP}]` : podIP}:${port}${path}`;

/** What it answers with 200, as text of at most 1 MiB; anything else is thrown. */
export function askProcess(url: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { signal }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("error", reject);
        response.on("data", (piece: string) => {
          text += piece;
          if (text.length > longestText) response.destroy(new Error(`${url} says more than it would`));
        });
        response.on("end", () =>
          response.statusCode === 200 ? resolve(text) : reject(new Error(`${url} answers ${response.statusCode}`)),
        );
      })
      .on("error", reject);
  });
}

const longestText = 2 ** 20;
