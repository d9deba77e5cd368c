/** One stream of news from the server; the browser reconnects by itself. */

import { address } from "./client.ts";
import type { ServerEvent } from "./types.ts";

const PAUSE = 2000; // ms

/** Listen until the returned function is called; `lost` tells a broken line and its return. */
export function listen(
  heard: (event: ServerEvent) => void,
  lost: (isLost: boolean) => void,
): () => void {
  let source: EventSource;
  let timer = 0;
  const open = () => {
    source = new EventSource(address("events"));
    for (const type of ["job", "labels", "picture", "removed"] as const) {
      source.addEventListener(type, (message) => {
        heard({ type, ...JSON.parse(message.data) });
      });
    }
    source.onopen = () => lost(false);
    source.onerror = () => {
      lost(true);
      // A line that was refused, not broken, is given up by the browser.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, PAUSE);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
