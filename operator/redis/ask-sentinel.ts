import { connect } from "node:net";
import { redisLogin, redisMasterName, sentinelPort } from "../desired/stores.ts";

export interface Asked {
  readonly address: string;
  readonly port?: number | undefined;
  /** Of the members among each other. */
  readonly password: string;
}

const timeoutMs = 1_500;

/** The host that a Sentinel says is master. Throws, with its own words, when it does not answer or does not tell. */
export async function askSentinel({ address, port = sentinelPort, password }: Asked): Promise<string> {
  const socket = connect(port, address);
  const late = setTimeout(() => socket.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  socket.write(`AUTH ${redisLogin.members} ${password}\r\nSENTINEL GET-MASTER-ADDR-BY-NAME ${redisMasterName}\r\n`);
  try {
    let answer = "";
    for await (const chunk of socket) {
      answer += String(chunk);
      const refused = /^-(.*)\r\n/m.exec(answer);
      if (refused) throw new Error(refused[1]);
      const told = /\*2\r\n\$\d+\r\n(.*)\r\n/.exec(answer);
      if (told) return told[1]!;
      if (answer.length > longestAnswer) break;
    }
    throw new Error("it did not say who is master");
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

const longestAnswer = 10_000;
