import { lastLines } from "./log-file.ts";

const looked = 30;

/** The last thing that a log complains of, in a line: what a person would have found by reading it. */
export function complaintIn(path: string): string | undefined {
  return complaintOf(lastLines(path, looked));
}

/** Of our own logs (JSON, a line each), of Postgres and of Redis; where nothing looks like a complaint, the last line. */
export function complaintOf(lines: readonly string[]): string | undefined {
  const ours = lines.filter((line) => !line.startsWith("--- ")); // the supervisor's own remarks
  const complaint = ours.findLast(
    (line) => fromJson(line) !== undefined || /FATAL|PANIC|[Ff]atal|Error|cannot start|is not set|is wrong/.test(line),
  );
  // Redis says that its file is wrong, and after it where and how.
  if (complaint?.includes("FATAL CONFIG FILE ERROR")) {
    const where = ours.slice(ours.lastIndexOf(complaint) + 1).filter((line) => !/^(Reading |$)/.test(line));
    return where.join(" ").replace(">>> ", "").slice(0, 300);
  }
  if (complaint === undefined) return ours.findLast((line) => line.trim() !== "")?.slice(0, 300);
  return (fromJson(complaint) ?? complaint).replace(/^.*?(FATAL|PANIC):\s+/, "").slice(0, 300);
}

const warn = 40;

function fromJson(line: string): string | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const { level, msg, err } = JSON.parse(line) as { level?: unknown; msg?: string; err?: { message?: string } };
    const bad = typeof level === "number" ? level > warn : level === "error" || level === "fatal";
    return bad ? [msg, err?.message].filter(Boolean).join(": ") : undefined;
  } catch {
    return undefined;
  }
}
