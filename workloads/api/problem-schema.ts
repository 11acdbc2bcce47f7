import { z } from "zod";
import { type ProblemCode, problems } from "./problem.ts";

const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];
const fault = { code: z.enum(codes), detail: z.string(), param: z.string().optional() };

/** What `problemBody` makes: RFC 9457, with a stable `code`. */
export const problemSchema = z
  .strictObject({
    type: z.string().describe("Where the code is explained."),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("What is wrong with this request, and what to do about it. For people."),
    code: z.string().describe("Stable: write programs against it."),
    param: z.string().optional().describe("The path of the field that it is about, like method.token."),
    request_id: z.string(),
    doc_url: z.string(),
    errors: z.array(z.strictObject(fault)).optional().describe("All that is wrong, when that is more than one thing."),
  })
  .meta({ id: "Problem" });
