/** For text between tags and in attributes. */
export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

export function svg(width: number, height: number, elements: readonly string[]): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12">`;
  return `${[head, `<rect width="${width}" height="${height}" fill="white"/>`, ...elements, '</svg>'].join('\n')}\n`;
}

export function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${attributes && ` ${attributes}`}>${escape(content)}</text>`;
}

export function round(number: number): number {
  return Math.round(number * 100) / 100;
}
