import { redactText } from "./redact.ts";

/** A small look at one thing: `undefined` when all is well, else what is wrong, in a sentence. */
export type Check = () => undefined | string | Promise<undefined | string>;

export type Checked = { readonly name: string; readonly problem: string | undefined };

const patienceMs = 2_000;

/** Named checks that are run together. A check that throws has failed; one that does not answer within 2 s, too. */
export class Checks {
  readonly #checks = new Map<string, Check>();
  readonly #running = new Map<string, Promise<undefined | string>>();

  add(name: string, check: Check): void {
    this.#checks.set(name, check);
  }

  async run(): Promise<Checked[]> {
    return Promise.all([...this.#checks].map(async ([name, check]) => ({ name, problem: await this.#inTime(name, check) })));
  }

  async #inTime(name: string, check: Check): Promise<undefined | string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, patienceMs, `no answer in ${patienceMs / 1000} s`);
    });
    try {
      return await Promise.race([this.#once(name, check), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  // A check that hangs is not started again by every probe: there is at most one of it.
  #once(name: string, check: Check): Promise<undefined | string> {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    const started = outcomeOf(check).finally(() => this.#running.delete(name));
    this.#running.set(name, started);
    return started;
  }
}

async function outcomeOf(check: Check): Promise<undefined | string> {
  try {
    const problem = await check();
    return problem === undefined ? undefined : redactText(problem);
  } catch (error) {
    return redactText(error instanceof Error ? error.message : String(error));
  }
}
