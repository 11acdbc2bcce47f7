// The smallest server that an APIService accepts, for aggregated-api.test.ts: it lists one kind of object, `greetings`, and says who asked.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";

const [, , port, key, cert, clientAuthority] = process.argv;
const apiVersion = "greetings.satang.test/v1";
const resources = [{ name: "greetings", singularName: "greeting", namespaced: false, kind: "Greeting", verbs: ["get", "list"] }];

const server = createServer(
  {
    key: readFileSync(key ?? ""),
    cert: readFileSync(cert ?? ""),
    ca: readFileSync(clientAuthority ?? ""),
    requestCert: true,
    rejectUnauthorized: false,
  },
  (request, answer) => {
    const say = (status: number, body: object) =>
      answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (!(request.socket as TLSSocket).authorized) return say(401, { kind: "Status", apiVersion: "v1", status: "Failure", code: 401 });
    if (request.url === `/apis/${apiVersion}`)
      return say(200, { kind: "APIResourceList", apiVersion: "v1", groupVersion: apiVersion, resources });
    if (request.url?.startsWith(`/apis/${apiVersion}/greetings`)) {
      const item = { apiVersion, kind: "Greeting", metadata: { name: "hello" }, asker: request.headers["x-remote-user"] };
      return say(200, { kind: "GreetingList", apiVersion, metadata: {}, items: [item] });
    }
    return say(404, { kind: "Status", apiVersion: "v1", status: "Failure", code: 404 });
  },
);
server.listen(Number(port), "0.0.0.0");
