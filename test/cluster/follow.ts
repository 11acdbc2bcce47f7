import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** Something that goes on until it is disposed of. */
export type Following = AsyncDisposable;

/** Runs a command that writes for as long as it runs, and hands over each whole line at once; when it ends by itself it is begun again. */
export function follow(file: string, args: string[], env: NodeJS.ProcessEnv, onLine: (line: string) => void): Following {
  let isOver = false;
  let child: ReturnType<typeof begin>;
  const begin = () => {
    const begun = spawn(file, args, { env, stdio: ["ignore", "pipe", "ignore"] });
    let rest = "";
    begun.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(onLine);
    });
    return begun;
  };
  const going = (async () => {
    while (!isOver) {
      child = begin();
      await new Promise((resolve) => child.once("error", resolve).once("close", resolve));
      if (!isOver) await sleep(500); // nobody is there to be asked just now
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      child.kill();
      await going;
    },
  };
}
