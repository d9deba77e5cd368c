/** Put values into a text: {n} is one, {n:object|objects} a word for one or for more of them. */
export function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)(?::(.*?)\|(.*?))?\}/g, (whole, name, one, more) => {
    const value = String(values[name] ?? whole);
    if (one === undefined) return value;
    return value === "1" ? one : more;
  });
}
