import type { Call, Owner } from "../profile/calls.ts";
import type { Work } from "../profile/plan-calls.ts";
import { element, escaped, picture, text } from "./svg.ts";

const [width, rowHeight, letterWidth] = [1200, 17, 6.2];
const least = 0.004; // of the whole: what is narrower is not drawn
type By = Owner | Work;
const hues: Readonly<Record<By, string>> = {
  ...{ ours: "#ffa94d", packages: "#74c0fc", Node: "#ced4da", collector: "#da77f2", outside: "#e9ecef" },
  ...{ writes: "#ffa94d", reads: "#74c0fc", triggers: "#da77f2", values: "#8ce99a", executor: "#ced4da" },
};

/** A flame graph: who calls stands below whom he calls, as wide as the time that takes. Whoever points at a call reads its name and share. */
export function flame(title: string, root: Call<By>): string {
  const frames: string[] = [];
  const drawn = new Set<By>();
  let deepest = 0;

  function draw(call: Call<By>, x: number, depth: number): void {
    deepest = Math.max(deepest, depth);
    let at = x;
    for (const child of [...call.calls.values()].toSorted((a, b) => b.all - a.all)) {
      const wide = (child.all / root.all) * width;
      if (child.all / root.all < least) continue;
      frames.push(frame(child, at, depth, wide));
      draw(child, at, depth + 1);
      at += wide;
    }
  }

  function frame({ name, owner, all }: Call<By>, x: number, depth: number, wide: number): string {
    drawn.add(owner);
    const share = `${((100 * all) / root.all).toFixed(1)} %`;
    const letters = Math.floor((wide - 6) / letterWidth);
    const label = letters < 4 ? "" : text(x + 3, -depth * rowHeight - 5, name.slice(0, letters), { fill: "#212529", "font-size": 11 });
    const box = { x, y: -(depth + 1) * rowHeight, width: wide, height: rowHeight - 1, fill: hues[owner] };
    return element("g", {}, `${element("title", {}, `${escaped(name)}: ${share}`)}${element("rect", box)}${label}`);
  }

  draw(root, 0, 0);
  const height = deepest * rowHeight + 30;
  const shown = Object.entries(hues).filter(([owner]) => drawn.has(owner as By));
  const key = shown.flatMap(([owner, fill], i) => [
    element("rect", { x: i * 120, y: 6, width: 12, height: 12, fill }),
    text(i * 120 + 18, 16, owner),
  ]);
  return picture(width, height, title, [...key, element("g", { transform: `translate(0 ${height})` }, frames.join("\n"))]);
}
