/** A random identifier; `crypto.randomUUID` exists only on safe origins, this everywhere. */
export function newIdentifier(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

const WINDOW = "segmetry.window";

function windowMark(): string {
  const known = sessionStorage.getItem(WINDOW) ?? newIdentifier().slice(0, 8);
  sessionStorage.setItem(WINDOW, known);
  return known;
}

/** An identifier of an edit, by which this window knows its own again, also after a reload. */
export const newEditIdentifier = () => `${newIdentifier()}-${windowMark()}`;

export const isOfThisWindow = (opId: string) => opId.endsWith(`-${windowMark()}`);
