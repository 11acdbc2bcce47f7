import { type Logger, pino } from "pino";
import { redactFields, redactText } from "./redact.ts";

export type Log = Logger;

/**
 * The log of this process: JSON lines on stdout with `level ts role pool msg`, written without waiting and flushed on exit.
 * Secrets are taken out by the name of their field, card numbers, keys and passwords by their form, wherever they stand.
 */
export function openLog({ role, pool, level }: { role: string; pool?: string | undefined; level: string }): Log {
  return pino(
    {
      level,
      base: { role, ...(pool === undefined ? {} : { pool }) },
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      // Errors are already plain fields when pino's own serializer would see them.
      serializers: { err: (fields: unknown) => fields },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redactFields(fields) as Record<string, unknown>,
      },
      hooks: { streamWrite: redactText },
    },
    pino.destination({ fd: 1, sync: false, minLength: 1 }), // 1, not 0: with 0 a flush does not wait for the write that is under way
  );
}
