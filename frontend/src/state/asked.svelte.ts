/** What the server tells of something, asked anew whenever that changes. */

import { app } from "./app.svelte.ts";

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
    let isLate = false;
    if (ask === null) value = null;
    else
      void app.try(ask).then((told) => {
        if (!isLate && told !== undefined) value = told;
      });
    return () => {
      isLate = true;
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
