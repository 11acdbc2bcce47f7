import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { eventually } from "../eventually.ts";
import type { Daemon } from "./daemon.ts";

/** Waits until the API server on that port of our loopback says that it is ready. */
export async function ready(server: Daemon, port: number, certificates: string): Promise<void> {
  const [ca, cert, key] = ["ca.crt", "admin.crt", "admin.key"].map((file) => readFileSync(join(certificates, file)));
  await eventually(
    () =>
      new Promise<void>((resolve, reject) => {
        const asked = request({ host: "127.0.0.1", port, path: "/readyz", ca, cert, key, agent: false, timeout: 2000 }, (answer) => {
          answer.resume();
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`the API server answers ${answer.statusCode} to /readyz`));
        });
        asked.on("timeout", () => asked.destroy(new Error("the API server does not answer within 2 s")));
        asked.on("error", reject);
        asked.end();
      }),
    {
      withinSeconds: 60,
      everyMs: 50,
      hopeless: () => (server.running() ? undefined : new Error(`${server.name} has ended: ${lastLines(server.log)}`)),
    },
  );
}

const lastLines = (file: string): string => readFileSync(file, "utf8").trim().split("\n").slice(-5).join("\n");
