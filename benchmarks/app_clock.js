/* Tells when what an event asked for is seen. Put into the page before the app's own code. */
(() => {
  const frame = window.requestAnimationFrame.bind(window);
  const drawn = []; // when each frame of the canvas was drawn, to its last pixel
  let graphics = null;
  let isDrawing = false;
  let nUnderWay = 0;
  let nTiles = 0;
  let nOfObjects = 0; // of these tiles; labels that are opened first take a while

  const getContext = HTMLCanvasElement.prototype.getContext;
  HTMLCanvasElement.prototype.getContext = function (...options) {
    const found = getContext.apply(this, options);
    if (options[0] === "webgl2" && found !== null) {
      graphics = found;
      const draw = found.drawArrays;
      found.drawArrays = function (...what) {
        isDrawing = true;
        return draw.apply(this, what);
      };
    }
    return found;
  };
  let press = null; // ms that the page worked when the button went down
  window.addEventListener("pointerdown", () => (press = -performance.now()), true);
  window.addEventListener("pointerdown", () => (press += performance.now()));
  // To read a pixel waits for the graphics, which otherwise go on by themselves.
  window.requestAnimationFrame = (work) =>
    frame((now) => {
      const began = performance.now();
      isDrawing = false;
      work(now);
      if (!isDrawing) return;
      const pixel = new Uint8Array(4);
      graphics.readPixels(0, 0, 1, 1, graphics.RGBA, graphics.UNSIGNED_BYTE, pixel);
      drawn.push(performance.now());
      if (press !== null) window.clock.press = press + drawn.at(-1) - began;
      press = null;
      if (nTiles === 0) drawn.length = 0; // nothing of the picture yet
    });
  const fetch = window.fetch;
  window.fetch = async (...asked) => {
    const isTile = String(asked[0]?.url ?? asked[0]).includes("/tiles/");
    if (isTile) nUnderWay++;
    try {
      return await fetch(...asked);
    } finally {
      if (isTile) {
        nUnderWay--;
        nTiles++;
        if (String(asked[0]?.url ?? asked[0]).includes("/labels/")) nOfObjects++;
      }
    }
  };

  const painted = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve(performance.now());
      frame(() => port2.postMessage(0));
    });
  const has = (text) => document.body.innerText.includes(text);
  const previewed = () => document.body.innerText.match(/not kept: (\d+) objects/)?.[1];

  window.clock = {
    result: null,
    /* ms of work, for what the last press of the button painted, until its pixels were there. */
    press: null,
    /* The first frame of the canvas after the event. */
    canvas: (began) => drawn.find((at) => at > began),
    /* The frame after the event, whatever it shows. */
    page: (_, __, after) => after,
    /* The server has all edits, and the numbers beside the picture are those of now. */
    numbers: () =>
      has("All saved") && document.querySelector(".isOld") === null ? painted() : undefined,
    /* Another preview is on the canvas. */
    preview: (_, before) =>
      previewed() !== undefined && previewed() !== before
        ? painted()
        : undefined,
    watch(kind, until) {
      const before = previewed();
      let began = null;
      let after;
      const listen = (event) => {
        began = event.timeStamp;
        after = painted();
      };
      window.addEventListener(kind, listen, { capture: true });
      this.result = new Promise((resolve) => {
        const look = async () => {
          const seen = began === null ? undefined : await until(began, before, after);
          if (seen === undefined) return frame(look);
          window.removeEventListener(kind, listen, { capture: true });
          resolve(seen - began);
        };
        frame(look);
      });
    },
    /* The first frame and the last one, once no tile is under way for half a second. */
    loaded: (after = 0) =>
      new Promise((resolve) => {
        let since = performance.now();
        const look = () => {
          const now = performance.now();
          const isMoving = nUnderWay > 0 || nOfObjects === 0 || !(drawn.at(-1) > after) || now - drawn.at(-1) < 300;
          if (isMoving) since = now;
          if (now - since > 500) resolve([drawn[0], drawn.at(-1)]);
          else frame(look);
        };
        frame(look);
      }),
  };
})();
