/** What `--json` prints, in one line, for scripts. */
export type ReadyLine = {
  readonly ready: true;
  readonly api: string;
  readonly secretKey: string;
  readonly adminKey: string;
  readonly simulator: string;
  readonly postgres: string;
  readonly redis: string | null;
  /** The API's own pages. */
  readonly docs: string;
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly metrics?: string }[];
};

export type CardExtras = {
  readonly name: string;
  readonly state: string;
  readonly ephemeral: boolean;
  readonly pid: number;
  /** It was running before; we only say so. */
  readonly already: boolean;
};

/** The one thing to read after a start: where everything is, a payment to paste, how to see it, how to stop. */
export function card(line: ReadyLine, { name, state, ephemeral, pid, already }: CardExtras): string {
  const authorization = `-H 'Authorization: Bearer ${line.secretKey}'`;
  return `
  ${already ? `${name} is already running (pid ${pid})` : `${name} is ready`}. Test mode: no real money moves.

  API         ${line.api}
  Secret key  ${line.secretKey}
  Admin key   ${line.adminKey}
  Docs        ${line.docs}
  Simulator   ${line.simulator}
  Postgres    ${line.postgres}
  Redis       ${line.redis ?? `none: workers take payments straight from Postgres. For hints and caches: ${installRedis}`}
  State       ${state} (${ephemeral ? "thrown away at the end" : "kept"}), logs in ${state}/logs

  Pay:
    curl -sS ${line.api}/v1/payments ${authorization} \\
      -H "Idempotency-Key: $(uuidgen 2>/dev/null || date +%s%N)" -H 'Prefer: wait=10' -H 'Content-Type: application/json' \\
      -d '{"amount": 35000, "currency": "THB", "method": {"type": "card", "token": "tok_visa"}}'
  See it again, by the id in the answer, and what moved at the provider:
    curl -sS ${line.api}/v1/payments/<id> ${authorization}
    curl -sS ${line.simulator}/v1/effects

  Stop: ${already ? `kill ${pid}` : "Ctrl-C"}${ephemeral ? "" : ", data kept"}
`;
}

const installRedis = process.platform === "darwin" ? "brew install redis" : "sudo apt-get install redis-server";
