/** Whole numbers 0 <= n < 2**32 from a seed, the same everywhere. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 4; // the lowest bits of such a generator repeat soon
  };
}
