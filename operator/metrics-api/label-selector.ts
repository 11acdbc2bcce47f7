type Labels = { readonly [label: string]: string };

/** A label selector as it stands in a query cannot be read. */
export class SelectorInvalid extends Error {
  override readonly name = "SelectorInvalid";
}

const key = "[A-Za-z0-9]([-A-Za-z0-9_./]*[A-Za-z0-9])?";
const byValue = new RegExp(String.raw`^(${key})\s*(==|=|!=)\s*([-A-Za-z0-9_.]*)$`);
const bySet = new RegExp(String.raw`^(${key})\s+(in|notin)\s*\(([^()]*)\)$`);
const byPresence = new RegExp(`^(!?)(${key})$`);

/** Reads what kubectl and the autoscaler write: `system=shop,queue in (payments,refunds),!old`. The empty one selects everything. */
export function selects(selector: string): (labels: Labels) => boolean {
  const requirements = partsOf(selector).map(requirement);
  return (labels) => requirements.every((holds) => holds(labels));
}

function requirement(part: string): (labels: Labels) => boolean {
  const [, label, , operator, value] = byValue.exec(part) ?? [];
  if (label !== undefined) return operator === "!=" ? (labels) => labels[label] !== value : (labels) => labels[label] === value;

  const [, setLabel, , setOperator, list] = bySet.exec(part) ?? [];
  if (setLabel !== undefined) {
    const values = new Set(list!.split(",").map((one) => one.trim()));
    const isIn = (labels: Labels) => labels[setLabel] !== undefined && values.has(labels[setLabel]);
    return setOperator === "in" ? isIn : (labels) => !isIn(labels);
  }

  const [, not, presentLabel] = byPresence.exec(part) ?? [];
  if (presentLabel !== undefined) return not ? (labels) => !(presentLabel in labels) : (labels) => presentLabel in labels;
  throw new SelectorInvalid(`unable to parse requirement: ${part.slice(0, 100)}`);
}

// Commas inside of parentheses do not part.
const partsOf = (selector: string): string[] =>
  (selector.match(/(?:[^,()]|\([^()]*\))+/g) ?? []).map((part) => part.trim()).filter((part) => part !== "");
