import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { nodeImage } from "./build/base-images.ts";
import { onOwnNode, sharedCluster } from "./cluster-tests.ts";
import { command } from "./command.ts";
import { fetchText, idle, programPod } from "./fixtures.ts";

onOwnNode("the node's network", () => {
  const cluster = sharedCluster({ images: async () => [await nodeImage()] });
  const inside = (...words: string[]) => command(cluster().node.enter[0] ?? "", [...cluster().node.enter.slice(1), ...words]);

  test("has no interface whose other end is outside, and no route but to itself", async () => {
    const links: { ifname: string; link_netnsid?: number }[] = JSON.parse(await inside("ip", "-json", "link"));
    const routes: { dst: string; dev: string; gateway?: string }[] = JSON.parse(await inside("ip", "-json", "route"));
    const namespaces = new Map(
      (await inside("ip", "netns", "list-id")).split("\n").map((line) => [Number(line.match(/^nsid (\d+)/)?.[1]), line]),
    );

    const leading = links.filter(({ link_netnsid }) => link_netnsid !== undefined && !/cni-/.test(namespaces.get(link_netnsid) ?? ""));
    expect(leading).toEqual([]); // what leads elsewhere leads into a pod
    expect(links.map(({ ifname }) => ifname).filter((name) => !/^(lo|pods|eth0|eth0-peer|veth\w+)$/.test(name))).toEqual([]);
    expect(routes.filter(({ gateway }) => gateway)).toEqual([]);
    expect([...new Set(routes.map(({ dev }) => dev))].filter((dev) => dev !== "eth0" && dev !== "pods")).toEqual([]);
  });

  test("lets neither the node nor a pod reach this machine, or an address beyond it", async () => {
    await using namespace = await cluster().namespace();
    await cluster().apply(programPod(namespace.name, "prisoner", idle));
    await cluster().wait("pod/prisoner", "condition=Ready", { namespace: namespace.name });
    const prisoner = { namespace: namespace.name, name: "prisoner" };
    let reached = 0;
    const server = createServer((socket) => {
      reached += 1;
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nin");
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const { port } = server.address() as { port: number };
    const ours = Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).filter(({ family }) => family === "IPv4").map(({ address }) => address),
    );
    const urls = [...new Set([...ours, "198.51.100.1"])].map((address) => `http://${address}:${port}`);

    const tried = await Promise.all(
      urls.flatMap((url) => [inside(process.execPath, ...fetchText(url).slice(1)), cluster().exec(prisoner, fetchText(url))]),
    );
    server.close();

    expect(tried.filter((answer) => !answer.startsWith("failed:"))).toEqual([]);
    expect(reached).toBe(0);
  });
});
