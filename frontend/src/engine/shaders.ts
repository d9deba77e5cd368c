/** What the graphics card runs: one program for pictures, one for labels. */

/**
 * Places a tile's corner. `uTile` and `uView` are left, top, width and height in picture
 * pixels, `uPart` those of the part of the texture, from 0 to 1.
 */
export const VERTEX = `#version 300 es
uniform vec4 uTile;
uniform vec4 uView;
uniform vec4 uPart;
out vec2 vAt;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  vec2 window = (uTile.xy + corner * uTile.zw - uView.xy) / uView.zw;
  vAt = uPart.xy + corner * uPart.zw;
  gl_Position = vec4(window.x * 2.0 - 1.0, 1.0 - window.y * 2.0, 0.0, 1.0);
}`;

/** `uRange`: the values shown as black and as white. */
export const PICTURE = `#version 300 es
precision mediump float;
uniform sampler2D uPicture;
uniform vec2 uRange;
in vec2 vAt;
out vec4 colour;
void main() {
  vec3 value = texture(uPicture, vAt).rgb;
  colour = vec4(clamp((value - uRange.x) / (uRange.y - uRange.x), 0.0, 1.0), 1.0);
}`;

/**
 * Colours come from the number itself, so none has to be uploaded when objects change.
 * An outline is where a device pixel's neighbour has another number.
 * `uMarks` has one byte a number: 1 is marked. `uSize` is that of the label texture, `uStep`
 * one device pixel in texels, `uMode` 0 colours, 1 white on black, 2 outlines only.
 */
export const LABELS = `#version 300 es
precision highp float;
precision highp usampler2D;
uniform usampler2D uLabels;
uniform sampler2D uPalette;
uniform usampler2D uMarks;
uniform vec2 uSize;
uniform vec2 uStep;
uniform float uOpacity;
uniform int uMode;
uniform bool uOutline;
uniform bool uAnyMark;
uniform uint uSelected;
in vec2 vAt;
out vec4 colour;
uint at(vec2 texel) {
  return texelFetch(uLabels, ivec2(clamp(texel, vec2(0.0), uSize - 1.0)), 0).r;
}
uint mark(uint id) {
  ivec2 place = ivec2(int(id & 4095u), int(id >> 12));
  return place.y < textureSize(uMarks, 0).y ? texelFetch(uMarks, place, 0).r : 0u;
}
bool edge(vec2 texel, uint id, float reach) {
  vec2 d = uStep * reach;
  return at(texel + vec2(d.x, 0.0)) != id || at(texel - vec2(d.x, 0.0)) != id
    || at(texel + vec2(0.0, d.y)) != id || at(texel - vec2(0.0, d.y)) != id;
}
void main() {
  vec2 texel = vAt * uSize;
  uint id = at(texel);
  if (uMode == 1) {
    colour = vec4(vec3(id == 0u ? 0.0 : 1.0), 1.0) * uOpacity;
    if (id != 0u && uOutline && edge(texel, id, 1.0)) colour = vec4(vec3(0.45), 1.0) * uOpacity;
  } else if (id == 0u) {
    discard;
  } else {
    vec3 own = texelFetch(uPalette, ivec2(int(id % uint(textureSize(uPalette, 0).x)), 0), 0).rgb;
    float strength = uMode == 2 ? 0.0 : uOpacity;
    bool faint = uAnyMark && mark(id) == 0u;
    if (faint) strength *= 0.15;
    else if (uAnyMark) strength = min(1.0, strength + 0.25);
    if (uOutline && !faint && edge(texel, id, 1.0)) strength = max(strength, min(1.0, 0.35 + uOpacity));
    colour = vec4(own, 1.0) * strength;
  }
  if (id != 0u && id == uSelected && edge(texel, id, 2.0)) colour = vec4(1.0);
}`;
