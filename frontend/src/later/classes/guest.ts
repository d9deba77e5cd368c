/** The panel of classes as the window knows it. */

import type { Guest } from "../../state/guest.svelte.ts";
import ClassesLayer from "./ClassesLayer.svelte";
import ClassesPanel from "./ClassesPanel.svelte";
import css from "./classes.css?inline";
import { teaching } from "./teaching.svelte.ts";

// The page's policy allows no styles in the page itself; those of the program it does.
const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

export const guest: Guest = {
  Panel: ClassesPanel,
  Layer: ClassesLayer,
  begin: (at) => teaching.begun(at),
  move: (points) => teaching.moved(points),
  end: () => teaching.ended(),
  cancel: () => teaching.cancelled(),
  step: (way, takes) => teaching.step(way, takes),
};
