/**
 * A picture drawn in code: a sun that goes down over the sea.
 *
 * @returns {Float32Array} [height, width, 3], red, green and blue from 0 to 1
 */
export function drawPicture(height, width) {
  const pixels = new Float32Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [down, right] = [(y + 0.5) / height, (x + 0.5) / width];
      pixels.set(colourAt(down, right), 3 * (y * width + x));
    }
  }
  return pixels;
}

function colourAt(down, right) {
  const horizon = 0.6;
  const isSun = Math.hypot(down - 0.45, right - 0.5) < 0.18;
  if (down < horizon) return isSun ? [1, 0.85, 0.4] : [0.9, 0.4 + 0.3 * down, 0.3 + 0.4 * (horizon - down)];
  const glitter = Math.abs(right - 0.5) < 0.15 && Math.sin(60 * down) > 0 ? 0.4 : 0;
  return [0.1 + glitter, 0.2 + glitter, 0.5 - 0.3 * (down - horizon)];
}
