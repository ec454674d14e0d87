import * as hub from '@tenon/hub';
import * as tf from '@tenon/layers';

/** Pixels that are added around a picture, so that descriptors of points at its edge stay inside. */
const MARGIN = 12;
/** Descriptors look at 4 by 4 places around a point, so many pixels apart. */
const SPACING = 4;
const DIRECTIONS = 8;

/**
 * Exports a module that finds points in a picture which can be found again in another one, and describes what is around them.
 *
 * Takes `image` float32 `[height, width, 3]` and `max_feature_num` int32 `[]`. Gives `locations` float32 `[n, 2]` (down, right), `scores` `[n]` and
 * `descriptors` `[n, 128]`, vectors of length 1.
 */
export async function exportFeaturesModule(folder: string): Promise<void> {
  const spec = await hub.createModuleSpec((graph) => {
    const image = tf.placeholder(graph, { dtype: 'float32', shape: [null, null, 3], name: 'image' });
    const most = tf.placeholder(graph, { dtype: 'int32', shape: [], name: 'max_feature_num' });
    const slopes = findSlopes(image);
    const { points, scores } = findPoints(findCorners(slopes), most);
    const descriptors = describe(slopes, points);
    const outputs = { locations: tf.cast(points, 'float32'), scores, descriptors };
    hub.addSignature(graph, { inputs: { image, max_feature_num: most }, outputs });
  });
  const graph = new hub.Graph();
  const module = await hub.module(spec, { graph });
  await using session = await hub.session(graph);
  await module.export(folder, session);
}

/** How brightness changes to the right and downwards: `[1, height, width, 2]`, with the margin. */
function findSlopes(image: hub.SymbolicTensor): hub.SymbolicTensor {
  const grey = tf.expandDims(tf.reduceMean(image, { axis: 2, keepDims: true }), 0);
  const sides = [MARGIN, MARGIN] as const;
  const padded = tf.pad(grey, [[0, 0], sides, sides, [0, 0]], { mode: 'symmetric' });
  // Sobel's, as [height, width, inputs, outputs].
  const sobel = [-1, 0, 1].map((down) =>
    [-1, 0, 1].map((right) => [[right * (2 - Math.abs(down)), down * (2 - Math.abs(right))]]),
  );
  return tf.conv2d(blur(padded, 1), sobel, { padding: 'same' });
}

/** How much brightness changes in every direction, not in one alone (Harris): `[1, height, width, 1]`. */
function findCorners(slopes: hub.SymbolicTensor): hub.SymbolicTensor {
  const [right, down] = tf.split(slopes, 2, 3) as [hub.SymbolicTensor, hub.SymbolicTensor];
  const [across, along, mixed] = [tf.square(right), tf.square(down), tf.multiply(right, down)].map((x) =>
    blur(x, 1.5),
  ) as [hub.SymbolicTensor, hub.SymbolicTensor, hub.SymbolicTensor];
  const determinant = tf.subtract(tf.multiply(across, along), tf.square(mixed));
  return tf.divide(determinant, tf.add(tf.add(across, along), 1e-6));
}

/** The best of those points that no neighbour outdoes: int32 `[n, 2]`. */
function findPoints(corners: hub.SymbolicTensor, most: hub.SymbolicTensor) {
  const { graph } = corners;
  const inner = [0, MARGIN, MARGIN, 0];
  const outer = [0, -MARGIN, -MARGIN, 0];
  const masks = { begin_mask: 0b1001, end_mask: 0b1001 };
  const visible = tf.operation(graph, 'StridedSlice', [corners, inner, outer, [1, 1, 1, 1]], masks).output();
  const isPeak = tf.equal(visible, tf.maxPool(visible, 7, { strides: 1, padding: 'same' }));
  const peaks = tf.reshape(tf.where(isPeak, visible, 0), [-1]);
  const count = tf.minimum(most, tf.operation(graph, 'Size', [peaks]).output());
  const [scores, places] = tf.operation(graph, 'TopKV2', [peaks, count]).outputs;
  const width = tf.gather(tf.shapeOf(visible), 2);
  const points = tf.stack([tf.floorDivide(places!, width), tf.floorModulo(places!, width)], 1);
  return { points, scores: scores! };
}

/** In which directions brightness changes at each of 16 places around a point: 8 numbers each. */
function describe(slopes: hub.SymbolicTensor, points: hub.SymbolicTensor): hub.SymbolicTensor {
  const angles = Array.from({ length: DIRECTIONS }, (_, index) => (2 * Math.PI * index) / DIRECTIONS);
  const directions = [[[angles.map(Math.cos), angles.map(Math.sin)]]];
  const histograms = blur(tf.relu(tf.conv2d(slopes, directions)), 2.5);
  const around = [-1.5, -0.5, 0.5, 1.5].map((step) => MARGIN + Math.round(step * SPACING));
  const offsets = around.flatMap((down) => around.map((right) => [down, right]));
  const places = tf.add(tf.expandDims(points, 1), offsets);
  const found = tf.operation(slopes.graph, 'GatherNd', [tf.squeeze(histograms, [0]), places]).output();
  const vectors = tf.l2Normalize(tf.reshape(found, [-1, offsets.length * DIRECTIONS]));
  // No single edge may decide.
  return tf.l2Normalize(tf.minimum(vectors, 0.25));
}

/** Each channel blurred by a bell of that width, in pixels. */
function blur(x: hub.SymbolicTensor, width: number): hub.SymbolicTensor {
  const reach = Math.ceil(2 * width);
  const bell = Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-((index - reach) ** 2) / (2 * width ** 2)),
  );
  const sum = bell.reduce((total, value) => total + value, 0);
  const channels = x.shape!.at(-1)!;
  const weights = Float32Array.from(bell.flatMap((value) => new Array<number>(channels).fill(value / sum)));
  const [column, row] = [
    [bell.length, 1],
    [1, bell.length],
  ].map((size) => new hub.Tensor('float32', [...size, channels, 1], weights));
  return tf.depthwiseConv2d(tf.depthwiseConv2d(x, column!, { padding: 'same' }), row!, { padding: 'same' });
}
