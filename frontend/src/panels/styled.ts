/** Styles that follow the view: set by the program, as the server's policy wants it. */
export const styled = (style: Partial<CSSStyleDeclaration>) => (element: HTMLElement) => {
  Object.assign(element.style, style);
};
