/** By Unicode code points, as Python sorts, and not by UTF-16 units. */
export function sortedFields<T>(fields: ReadonlyMap<string, T>): [string, T][] {
  return [...fields].sort(([left], [right]) => compareCodePoints(left, right));
}

function compareCodePoints(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference = a[index]!.codePointAt(0)! - b[index]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
