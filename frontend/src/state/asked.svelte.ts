/** What the server tells of something, asked anew whenever that changes. */

import { app } from "./app.svelte.ts";

/** Wait so long for the next correction: what is asked here must not hold it up. */
export const REST = 400; // ms

/**
 * Ask as long as a component is there. `question` reads what the answer depends on, and
 * returns how to ask, or null where there is nothing to ask. An answer stays until the next
 * one comes; one that comes too late is not taken.
 */
export function asked<T>(question: () => (() => Promise<T>) | null): {
  value: T | null;
  /** Whether an answer is on its way. */
  readonly isDue: boolean;
} {
  let value = $state.raw<T | null>(null);
  let isDue = $state(false);
  $effect(() => {
    const ask = question();
    isDue = ask !== null;
    if (ask === null) {
      value = null;
      return;
    }
    let isLate = false;
    const timer = setTimeout(
      () =>
        void app.try(ask).then((told) => {
          if (isLate) return;
          isDue = false;
          if (told !== undefined) value = told;
        }),
      REST,
    );
    return () => {
      isLate = true;
      clearTimeout(timer);
    };
  });
  return {
    get isDue() {
      return isDue;
    },
    get value() {
      return value;
    },
    set value(told) {
      value = told;
    },
  };
}
