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
} {
  let value = $state.raw<T | null>(null);
  $effect(() => {
    const ask = question();
    if (ask === null) {
      value = null;
      return;
    }
    let isLate = false;
    const timer = setTimeout(
      () =>
        void app.try(ask).then((told) => {
          if (!isLate && told !== undefined) value = told;
        }),
      REST,
    );
    return () => {
      isLate = true;
      clearTimeout(timer);
    };
  });
  return {
    get value() {
      return value;
    },
    set value(told) {
      value = told;
    },
  };
}
