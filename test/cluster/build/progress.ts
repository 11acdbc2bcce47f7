/** Says one line to the person who waits. */
export function say(line: string): void {
  process.stdout.write(`cluster: ${line}\n`);
}

/** Does what takes long, and says so: a line at the start, one every 30 s with what `soFar` knows, one at the end. */
export async function saying<T>(what: string, work: (report: (soFar: string) => void) => Promise<T>): Promise<T> {
  const begun = performance.now();
  let soFar = "";
  say(`${what} …`);
  const timer = setInterval(() => say(`${what} … ${elapsed(begun)}${soFar && `, ${soFar}`}`), 30_000);
  try {
    const made = await work((text) => {
      soFar = text;
    });
    say(`${what}: done in ${elapsed(begun)}`);
    return made;
  } finally {
    clearInterval(timer);
  }
}

function elapsed(since: number): string {
  const seconds = Math.round((performance.now() - since) / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
