/** Every key, once: for the handler, the tooltips and the sheet. */

import type { Key } from "../text/text.svelte.ts";

export const KEYS = {
  select: ["V", "tool.select"],
  draw: ["D", "tool.draw"],
  erase: ["E", "tool.erase"],
  remove: ["R", "tool.remove"],
  split: ["S", "tool.split"],
  merge: ["M", "tool.merge"],
  fill: ["F", "tool.fill"],
  point: ["P", "key.point"],
  thinner: ["[", "brush.thinner"],
  wider: ["]", "brush.wider"],
  hide: ["O", "key.hide"],
  bw: ["B", "overlay.bw"],
  fit: ["0", "view.fit"],
  one: ["1", "view.one"],
  zoomIn: ["+", "view.in"],
  zoomOut: ["-", "view.out"],
  undo: ["Ctrl+Z", "top.undo"],
  redo: ["Ctrl+Shift+Z", "top.redo"],
  next: ["J", "review.next"],
  previous: ["K", "review.previous"],
  accept: ["A", "review.accept"],
  reject: ["X", "review.reject"],
  numbers: ["N", "key.numbers"],
  help: ["?", "key.help"],
} as const satisfies Record<string, readonly [string, Key]>;

export type Action = keyof typeof KEYS;

const BY_KEY = new Map<string, Action>(
  Object.entries(KEYS).map(([action, [key]]) => [key, action as Action]),
);
BY_KEY.set("=", "zoomIn");
BY_KEY.set("Ctrl+Y", "redo");

/** The action of a key press; null where it means nothing or belongs to a text field. */
export function actionOf(event: {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
  target: unknown;
}): Action | null {
  if (event.altKey || isTyping(event.target)) return null;
  const letter = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (!event.ctrlKey && !event.metaKey) return BY_KEY.get(letter) ?? null;
  return BY_KEY.get(`Ctrl+${event.shiftKey ? "Shift+" : ""}${letter}`) ?? null;
}

function isTyping(target: unknown): boolean {
  const { tagName, type } = (target ?? {}) as { tagName?: string; type?: string };
  if (tagName === "SELECT" || tagName === "TEXTAREA") return true;
  return tagName === "INPUT" && type !== "range" && type !== "checkbox";
}
