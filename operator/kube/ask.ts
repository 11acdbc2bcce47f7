/** One request, as it goes over the line. */
export interface Ask {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With query. */
  path: string;
  body?: object | undefined;
  contentType?: string | undefined;
}
