/** A scale bar of a round length, and lengths in words. */

export type LengthUnit = "nm" | "µm" | "mm";

const IN_NM: Record<LengthUnit, number> = { nm: 1, µm: 1e3, mm: 1e6 };

/** A length in micrometres, as tables have it. */
export const inUm = (length: number, unit: LengthUnit) => (length * IN_NM[unit]) / 1e3;

export interface ScaleBar {
  /** CSS pixels on the screen. */
  readonly pixels: number;
  readonly text: string;
}

/** The longest bar of 1, 2 or 5 times a power of ten that is at most `longest` wide. */
export function scaleBar(
  pixelSize: number,
  unit: LengthUnit,
  scale: number,
  longest: number,
): ScaleBar {
  const nmPerCssPixel = (pixelSize * IN_NM[unit]) / scale;
  const most = longest * nmPerCssPixel;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [5, 2, 1].find((factor) => factor * power <= most * (1 + 1e-9)) ?? 1;
  const length = step * power;
  return { pixels: length / nmPerCssPixel, text: lengthText(length) };
}

/** A length given in nanometres, in the unit a person would choose. */
export function lengthText(nm: number): string {
  const unit: LengthUnit = nm >= 1e6 ? "mm" : nm >= 1e3 ? "µm" : "nm";
  return `${Number((nm / IN_NM[unit]).toPrecision(6))} ${unit}`;
}
