type Cell = string | number | boolean | null | Date | Readonly<Record<string, string | number>>;

/** Rows as CSV (RFC 4180), with a header line. Times are in UTC; an object of counts is written `a=1 b=2`. */
export function csv(columns: readonly string[], rows: readonly object[]): string {
  const lines = rows.map((row) => columns.map((column) => quoted((row as Record<string, Cell>)[column] ?? null)));
  return [columns, ...lines].map((cells) => `${cells.join(",")}\r\n`).join("");
}

function quoted(cell: Cell): string {
  const text = textOf(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function textOf(cell: Cell): string {
  if (cell === null) return "";
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell === "object")
    return Object.entries(cell)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ");
  return String(cell);
}
