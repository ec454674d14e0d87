import type { Operation, SymbolicTensor } from '@tenon/graph';
import type { GradientBuilder } from '../gradient-builder.js';
import { attributesOf, once, UndifferentiableError, type GradientRule } from '../rule.js';

const WINDOW = ['strides', 'padding', 'data_format'];
const CONVOLUTION = [...WINDOW, 'explicit_paddings', 'dilations', 'use_cudnn_on_gpu'];

const convolution =
  (ofInput: string, ofFilter: string, attributes: readonly string[]): GradientRule =>
  (operation, dy, b) => {
    const [x, filter] = [operation.input(0), operation.input(1)];
    const copied = attributesOf(operation, ...attributes);
    return [
      () => b.apply(ofInput, [b.shape(x), filter, dy()], copied),
      () => b.apply(ofFilter, [x, b.shape(filter), dy()], copied),
    ];
  };

/** Transposed convolutions, which are gradients of convolutions and layers of their own. */
const transposedConvolution: GradientRule = (operation, dz, b) => {
  const [, filter, dy] = operation.inputs;
  const copied = attributesOf(operation, ...CONVOLUTION);
  return [
    undefined,
    () => b.apply('Conv2DBackpropFilter', [dz(), b.shape(filter!), dy!], copied),
    () => b.apply('Conv2D', [dz(), filter!], copied),
  ];
};

const filterGradient: GradientRule = (operation, dz, b) => {
  const [x, , dy] = operation.inputs;
  const copied = attributesOf(operation, ...CONVOLUTION);
  return [
    () => b.apply('Conv2DBackpropInput', [b.shape(x!), dz(), dy!], copied),
    undefined,
    () => b.apply('Conv2D', [x!, dz()], copied),
  ];
};

const maxPool =
  (type: string, attributes: readonly string[]): GradientRule =>
  (operation, dy, b) => [
    () =>
      b.apply(type, [operation.input(0), operation.output(), dy()], attributesOf(operation, 'ksize', ...attributes)),
  ];

const averagePool =
  (type: string): GradientRule =>
  (operation, dy, b) => [
    () => b.apply(type, [b.shape(operation.input(0)), dy()], attributesOf(operation, 'ksize', ...WINDOW)),
  ];

const NORMALIZATION_GRADIENTS: Readonly<Record<string, string>> = {
  FusedBatchNorm: 'FusedBatchNormGrad',
  FusedBatchNormV2: 'FusedBatchNormGradV2',
  FusedBatchNormV3: 'FusedBatchNormGradV3',
};

const batchNormalization: GradientRule = (operation, dy, b) => {
  const isTraining = operation.bool('is_training');
  const isChannelsFirst = operation.string('data_format') === 'NCHW';
  if (operation.string('data_format').length !== 4) throw new UndifferentiableError('its data format has no gradient');
  // With fixed statistics TensorFlow has the gradient for channels in the last place only.
  const isMoved = !isTraining && isChannelsFirst;
  const place = (tensor: SymbolicTensor) => (isMoved ? b.transpose(tensor, [0, 2, 3, 1]) : tensor);
  const gradients = once(() =>
    b.operation(
      NORMALIZATION_GRADIENTS[operation.type]!,
      [
        place(dy()),
        place(operation.input(0)),
        operation.input(1),
        isTraining ? operation.output(3) : operation.input(3),
        isTraining ? operation.output(4) : operation.input(4),
        ...operation.outputs.slice(5, 6),
      ],
      {
        ...attributesOf(operation, 'epsilon', 'is_training', 'data_format'),
        ...(isMoved && { data_format: 'NHWC' }),
      },
    ),
  );
  return [
    () => (isMoved ? b.transpose(gradients().output(0), [0, 3, 1, 2]) : gradients().output(0)),
    () => gradients().output(1),
    () => gradients().output(2),
  ];
};

const softmax: GradientRule = (operation, dy, b) => [
  () => {
    const y = operation.output();
    const total = b.sum(b.mul(dy(), y), b.integers([-1]), true);
    return b.mul(b.sub(dy(), total), y);
  },
];

const logSoftmax: GradientRule = (operation, dy, b) => [
  () => b.sub(dy(), b.mul(b.sum(dy(), b.integers([-1]), true), b.apply('Exp', [operation.output()]))),
];

/** One gradient per example, times the gradient of each logit that the forward op has computed already. */
function ofLogits(operation: Operation, dy: SymbolicTensor, b: GradientBuilder): SymbolicTensor {
  return b.mul(b.apply('ExpandDims', [dy, b.integers(-1)]), operation.output(1));
}

const crossEntropy: GradientRule = (operation, dy, b) => {
  const logits = operation.input(0);
  return [
    () => {
      const first = ofLogits(operation, dy(), b);
      if (!dy.raw(1)) return first;
      const [again, probabilities] = [dy(1), b.apply('Softmax', [logits])];
      const total = b.sum(b.mul(again, probabilities), b.integers([-1]), true);
      return b.add(first, b.mul(b.sub(again, total), probabilities));
    },
    () => b.mul(b.apply('ExpandDims', [dy(), b.integers(-1)]), b.neg(b.apply('LogSoftmax', [logits]))),
  ];
};

const sparseCrossEntropy: GradientRule = (operation, dy, b) => {
  if (dy.raw(1)) throw new UndifferentiableError('it can be differentiated once only');
  return [() => ofLogits(operation, dy(), b)];
};

const resize =
  (type: string): GradientRule =>
  (operation, dy, b) => [
    () => {
      const x = operation.input(0);
      const attributes = attributesOf(operation, 'align_corners', 'half_pixel_centers');
      return type === 'ResizeNearestNeighborGrad'
        ? b.apply(type, [dy(), b.slice(b.shape(x), 1, 3)], attributes)
        : b.apply(type, [dy(), x], attributes);
    },
  ];

export const layers: Readonly<Record<string, GradientRule>> = {
  Conv2D: convolution('Conv2DBackpropInput', 'Conv2DBackpropFilter', CONVOLUTION),
  Conv2DBackpropInput: transposedConvolution,
  Conv2DBackpropFilter: filterGradient,
  DepthwiseConv2dNative: convolution('DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter', [
    ...WINDOW,
    'explicit_paddings',
    'dilations',
  ]),
  Conv3D: convolution('Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2', [...WINDOW, 'dilations']),
  MaxPool: maxPool('MaxPoolGrad', [...WINDOW, 'explicit_paddings']),
  MaxPool3D: maxPool('MaxPool3DGrad', WINDOW),
  MaxPoolV2: (operation, dy, b) => [
    () => {
      const [x, size, strides] = [operation.input(0), operation.input(1), operation.input(2)];
      const attributes = attributesOf(operation, 'padding', 'data_format');
      return b.apply('MaxPoolGradV2', [x, operation.output(), dy(), size, strides], attributes);
    },
  ],
  AvgPool: averagePool('AvgPoolGrad'),
  AvgPool3D: averagePool('AvgPool3DGrad'),
  AvgPoolGrad: (operation, dz, b) => [
    undefined,
    () => b.apply('AvgPool', [dz()], attributesOf(operation, 'ksize', ...WINDOW)),
  ],
  FusedBatchNorm: batchNormalization,
  FusedBatchNormV2: batchNormalization,
  FusedBatchNormV3: batchNormalization,
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  SoftmaxCrossEntropyWithLogits: crossEntropy,
  SparseSoftmaxCrossEntropyWithLogits: sparseCrossEntropy,
  ResizeBilinear: resize('ResizeBilinearGrad'),
  ResizeBicubic: resize('ResizeBicubicGrad'),
  ResizeNearestNeighbor: resize('ResizeNearestNeighborGrad'),
};
