import { z } from "zod";

/** A part of an object of Kubernetes, which the API server checks. */
export const native = z.looseObject({});

export const object = <T extends z.core.$ZodLooseShape>(what: string, shape: T) =>
  z
    .strictObject(shape)
    .prefault({} as never)
    .describe(what);

export const text = (otherwise: string, what: string, pattern?: RegExp) =>
  (pattern ? z.string().regex(pattern) : z.string()).default(otherwise).describe(what);

/** Labels, annotations. */
export const map = (what: string, otherwise: Readonly<Record<string, string>> = {}) =>
  z.record(z.string(), z.string()).default(otherwise).describe(what);

export const list = <T extends z.ZodType>(of: T, what: string, otherwise: readonly z.output<T>[] = []) =>
  z
    .array(of)
    .default([...otherwise] as never)
    .describe(what);
