import * as hub from '@tenon/hub';
import * as tf from '@tenon/layers';
import { adam } from '@tenon/training';

/**
 * A classifier of pictures on top of an image module, as a module of its own: it takes images, and gives a logit per class, and the features
 * that the image module found. Tagged `train`, it normalises by batches and moves averages, as the image module does.
 */
export function makeClassifierSpec(imageModule: string, classes: number): Promise<hub.ModuleSpec> {
  const variants = [[], ['train']].map((tags) => [tags, { tags }] as const);
  return hub.createModuleSpec(async (graph, { tags }) => {
    tf.setRandomSeed(graph, 1);
    const extract = await hub.module(imageModule, { graph, name: 'image_module', trainable: true, tags });
    const [height, width] = extract.getExpectedImageSize();
    const images = tf.placeholder(graph, { dtype: 'float32', shape: [null, height, width, 3], name: 'images' });
    const features = extract({ images });
    const logits = tf.dense(features, { units: classes, name: 'head' });
    hub.addSignature(graph, { inputs: { images }, outputs: { default: logits, features } });
    hub.attachImageModuleInfo(graph, { defaultImageSize: { height, width } });
  }, variants);
}

/** A classifier in a graph and a session of its own. */
export async function openClassifier(spec: hub.ModuleSpec, tags: readonly string[]) {
  const graph = new hub.Graph();
  const module = await hub.module(spec, { graph, trainable: true, tags });
  const [size] = module.getExpectedImageSize();
  const images = tf.placeholder(graph, { dtype: 'float32', shape: [null, size, size, 3] });
  const labels = tf.placeholder(graph, { dtype: 'int32', shape: [null] });
  const outputs = module({ images }, { asDict: true }) as { default: hub.SymbolicTensor; features: hub.SymbolicTensor };
  const { default: logits, features } = outputs;
  const classes = tf.argMax(logits, { axis: 1, dtype: 'int32' });
  tf.sparseSoftmaxCrossEntropy(labels, logits);
  return { graph, module, size, images, labels, features, classes, session: await hub.session(graph) };
}

/** Adds steps that train a classifier: what is on top alone, for which features may be fed in place of images, or all of it. */
export function addSteps({ graph, module }: Awaited<ReturnType<typeof openClassifier>>) {
  const loss = tf.totalLoss(graph); // with the regularization losses of the image module
  const head = module.variables.filter(({ name }) => name.startsWith('head/')).map(({ operation }) => operation);
  return {
    head: adam({ learningRate: 0.01 }).minimize(loss, { variables: head, updateOps: [], name: 'train_head' }),
    all: adam({ learningRate: 0.002 }).minimize(loss, { name: 'train_all' }),
  };
}
