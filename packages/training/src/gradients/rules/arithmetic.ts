import type { SymbolicTensor } from '@tenon/graph';
import type { GradientBuilder } from '../gradient-builder.js';
import { attributesOf, once, type GradientRule } from '../rule.js';

/** The gradient of one argument of `z = op(x, y)`, before it is summed to the argument's shape. */
type Partial = (
  b: GradientBuilder,
  dz: SymbolicTensor,
  x: SymbolicTensor,
  y: SymbolicTensor,
  z: SymbolicTensor,
) => SymbolicTensor;

/** `z = op(x, y)` with broadcasting. */
function broadcasting(ofX: Partial | undefined, ofY: Partial | undefined): GradientRule {
  return (operation, dz, b) => {
    const [x, y, z] = [operation.input(0), operation.input(1), operation.output()];
    return [
      ofX && (() => b.sumToShape(ofX(b, dz(), x, y, z), x, y)),
      ofY && (() => b.sumToShape(ofY(b, dz(), x, y, z), y, x)),
    ];
  };
}

const same: Partial = (_b, dz) => dz;
const zero = (b: GradientBuilder, like: SymbolicTensor) => b.scalar(0, like.dtype);

const quotient = broadcasting(
  (b, dz, _x, y) => b.div(dz, y),
  (b, dz, x, y) => b.mul(dz, b.div(b.div(b.neg(x), y), y)),
);

/** Where `select(x, y)` holds, the gradient is that of x, elsewhere that of y. */
const choosing = (comparison: string): GradientRule => {
  const chooses = (b: GradientBuilder, x: SymbolicTensor, y: SymbolicTensor) => b.apply(comparison, [x, y]);
  return broadcasting(
    (b, dz, x, y) => b.where(chooses(b, x, y), dz, zero(b, dz)),
    (b, dz, x, y) => b.where(chooses(b, x, y), zero(b, dz), dz),
  );
};

const power = broadcasting(
  (b, dz, x, y) => b.mul(b.mul(dz, y), b.apply('Pow', [x, b.sub(y, b.scalar(1, y.dtype))])),
  (b, dz, x, _y, z) => {
    // Of 0 ** y the logarithm is not needed: the result does not change with y there.
    const isSafe = b.apply('Greater', [x, zero(b, x)]);
    const safe = b.where(isSafe, x, b.scalar(1, x.dtype));
    return b.mul(b.mul(dz, z), b.where(isSafe, b.apply('Log', [safe]), zero(b, x)));
  },
);

const clip: GradientRule = ({ inputs: [x, low, high] }, dy, b) => {
  const isBelow = once(() => b.apply('Less', [x!, low!]));
  const isAbove = once(() => b.apply('Greater', [x!, high!]));
  const whole = (condition: SymbolicTensor) => b.where(condition, dy(), zero(b, dy()));
  return [
    () => b.where(b.apply('LogicalOr', [isBelow(), isAbove()]), zero(b, dy()), dy()),
    () => b.sumToShape(whole(isBelow()), low!, x!),
    () => b.sumToShape(whole(isAbove()), high!, x!),
  ];
};

const select: GradientRule = ({ inputs: [condition, x] }, dz, b) => [
  undefined,
  () => b.apply('Select', [condition!, dz(), b.zerosLike(x!)]),
  () => b.apply('Select', [condition!, b.zerosLike(x!), dz()]),
];

const selectV2: GradientRule = (operation, dz, b) => {
  const [condition, x, y] = [operation.input(0), operation.input(1), operation.input(2)];
  const z = operation.output();
  return [
    undefined,
    () => b.sumToShape(b.where(condition, dz(), zero(b, dz())), x, z),
    () => b.sumToShape(b.where(condition, zero(b, dz()), dz()), y, z),
  ];
};

export const arithmetic: Readonly<Record<string, GradientRule>> = {
  Add: broadcasting(same, same),
  AddV2: broadcasting(same, same),
  Sub: broadcasting(same, (b, dz) => b.neg(dz)),
  Mul: broadcasting(
    (b, dz, _x, y) => b.mul(dz, b.conjugate(y)),
    (b, dz, x) => b.mul(dz, b.conjugate(x)),
  ),
  MulNoNan: broadcasting(
    (b, dz, _x, y) => b.apply('MulNoNan', [dz, y]),
    (b, dz, x) => b.apply('MulNoNan', [x, dz]),
  ),
  Div: quotient,
  RealDiv: quotient,
  DivNoNan: broadcasting(
    (b, dz, _x, y) => b.apply('DivNoNan', [dz, y]),
    (b, dz, x, y) => b.mul(dz, b.apply('DivNoNan', [b.apply('DivNoNan', [b.neg(x), y]), y])),
  ),
  FloorMod: broadcasting(same, (b, dz, x, y) => b.mul(dz, b.neg(b.apply('FloorDiv', [x, y])))),
  Pow: power,
  Maximum: choosing('GreaterEqual'),
  Minimum: choosing('LessEqual'),
  SquaredDifference: broadcasting(
    (b, dz, x, y) => b.mul(b.mul(b.scalar(2, x.dtype), dz), b.sub(x, y)),
    (b, dz, x, y) => b.neg(b.mul(b.mul(b.scalar(2, x.dtype), dz), b.sub(x, y))),
  ),
  Atan2: broadcasting(
    (b, dz, x, y) => b.mul(y, b.div(dz, b.add(b.square(y), b.square(x)))),
    (b, dz, x, y) => b.mul(b.neg(x), b.div(dz, b.add(b.square(y), b.square(x)))),
  ),
  Xlogy: broadcasting(
    (b, dz, x, y) => {
      const isNotZero = b.cast(b.apply('NotEqual', [x, zero(b, x)]), x.dtype);
      return b.mul(dz, b.apply('Xlogy', [isNotZero, y]));
    },
    (b, dz, x, y) => b.mul(dz, b.apply('Xdivy', [x, y])),
  ),
  Xlog1py: broadcasting(
    (b, dz, x, y) => {
      const isNotZero = b.cast(b.apply('NotEqual', [x, zero(b, x)]), x.dtype);
      return b.mul(dz, b.apply('Xlog1py', [isNotZero, y]));
    },
    (b, dz, x, y) => b.mul(dz, b.apply('Xdivy', [x, b.add(y, b.scalar(1, y.dtype))])),
  ),
  Xdivy: broadcasting(
    (b, dz, x, y) => {
      const isNotZero = b.cast(b.apply('NotEqual', [x, zero(b, x)]), x.dtype);
      return b.mul(dz, b.apply('Xdivy', [isNotZero, y]));
    },
    (b, dz, x, y) => b.mul(dz, b.apply('Xdivy', [b.neg(x), b.square(y)])),
  ),
  AddN: ({ inputs }, dy) => inputs.map(() => () => dy.raw(0)),
  AccumulateNV2: ({ inputs }, dy) => inputs.map(() => () => dy.raw(0)),
  ClipByValue: clip,
  Select: select,
  SelectV2: selectV2,
  BiasAdd: (operation, dy, b) => [
    () => dy(),
    () => b.apply('BiasAddGrad', [dy()], attributesOf(operation, 'data_format')),
  ],
  BiasAddV1: (_operation, dy, b) => [() => dy(), () => b.apply('BiasAddGrad', [dy()])],
  BiasAddGrad: (operation, dz, b) => [
    () => {
      const [dy, isFirst] = [operation.input(0), operation.string('data_format') === 'NCHW'];
      const rank = b.rank(dy);
      const bias = isFirst
        ? b.reshape(dz(), b.integers([1, -1, ...Array<number>(Math.max(0, (rank ?? 4) - 2)).fill(1)]))
        : dz();
      return b.apply('BroadcastTo', [bias, b.shape(dy)]);
    },
  ],
};
