import type { KernelDefinition } from '../kernel.js';
import { defineBinary, prepareBinary, type BinaryFunction, type RowLoop } from './binary.js';
import { define, isReal } from './definition.js';
import { DivisionByZeroError, InvalidArgumentError } from './errors.js';

const addLoop: RowLoop = (left, right, output, { rows, inner, leftStep, rightStep, leftStarts, rightStarts }) => {
  for (let row = 0, o = 0; row < rows; row++) {
    let l = leftStarts[row]!;
    let r = rightStarts[row]!;
    for (let i = 0; i < inner; i++, l += leftStep, r += rightStep) output[o++] = left[l]! + right[r]!;
  }
};

const subtractLoop: RowLoop = (left, right, output, { rows, inner, leftStep, rightStep, leftStarts, rightStarts }) => {
  for (let row = 0, o = 0; row < rows; row++) {
    let l = leftStarts[row]!;
    let r = rightStarts[row]!;
    for (let i = 0; i < inner; i++, l += leftStep, r += rightStep) output[o++] = left[l]! - right[r]!;
  }
};

const multiplyLoop: RowLoop = (left, right, output, { rows, inner, leftStep, rightStep, leftStarts, rightStarts }) => {
  for (let row = 0, o = 0; row < rows; row++) {
    let l = leftStarts[row]!;
    let r = rightStarts[row]!;
    for (let i = 0; i < inner; i++, l += leftStep, r += rightStep) output[o++] = left[l]! * right[r]!;
  }
};

const divideLoop: RowLoop = (left, right, output, { rows, inner, leftStep, rightStep, leftStarts, rightStarts }) => {
  for (let row = 0, o = 0; row < rows; row++) {
    let l = leftStarts[row]!;
    let r = rightStarts[row]!;
    for (let i = 0; i < inner; i++, l += leftStep, r += rightStep) output[o++] = left[l]! / right[r]!;
  }
};

const maximumLoop: RowLoop = (left, right, output, { rows, inner, leftStep, rightStep, leftStarts, rightStarts }) => {
  for (let row = 0, o = 0; row < rows; row++) {
    let l = leftStarts[row]!;
    let r = rightStarts[row]!;
    for (let i = 0; i < inner; i++, l += leftStep, r += rightStep) {
      const a = left[l]!;
      const b = right[r]!;
      output[o++] = a > b || a !== a ? a : b;
    }
  }
};

const minimumLoop: RowLoop = (left, right, output, { rows, inner, leftStep, rightStep, leftStarts, rightStarts }) => {
  for (let row = 0, o = 0; row < rows; row++) {
    let l = leftStarts[row]!;
    let r = rightStarts[row]!;
    for (let i = 0; i < inner; i++, l += leftStep, r += rightStep) {
      const a = left[l]!;
      const b = right[r]!;
      output[o++] = a < b || a !== a ? a : b;
    }
  }
};

/** Addition, of all numbers. */
export const ADD: BinaryFunction = {
  number: (a, b) => a + b,
  bigint: (a, b) => a + b,
  complex: (ar, ai, br, bi, result) => {
    result[0] = ar + br;
    result[1] = ai + bi;
  },
  loop: addLoop,
};

const SUBTRACT: BinaryFunction = {
  number: (a, b) => a - b,
  bigint: (a, b) => a - b,
  complex: (ar, ai, br, bi, result) => {
    result[0] = ar - br;
    result[1] = ai - bi;
  },
  loop: subtractLoop,
};

const MULTIPLY: BinaryFunction = {
  number: (a, b) => a * b,
  int32: Math.imul,
  bigint: (a, b) => a * b,
  complex: (ar, ai, br, bi, result) => {
    result[0] = ar * br - ai * bi;
    result[1] = ar * bi + ai * br;
  },
  loop: multiplyLoop,
};

function divideComplex(ar: number, ai: number, br: number, bi: number, result: Float64Array): void {
  const norm = br * br + bi * bi;
  result[0] = (ar * br + ai * bi) / norm;
  result[1] = (ai * br - ar * bi) / norm;
}

// Quotients are taken from the exact multiple below, because a quotient of doubles may round up to a whole number.
function truncateDivide(a: number, b: number): number {
  if (b === 0) throw new DivisionByZeroError();
  return (a - (a % b)) / b;
}

function floorDivide(a: number, b: number): number {
  if (b === 0) throw new DivisionByZeroError();
  const remainder = a % b;
  const quotient = (a - remainder) / b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? quotient - 1 : quotient;
}

function truncateModulo(a: number, b: number): number {
  if (b === 0) throw new DivisionByZeroError();
  return a % b;
}

function floorModulo(a: number, b: number): number {
  if (b === 0) throw new DivisionByZeroError();
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
}

function floorModuloFloat(a: number, b: number): number {
  const remainder = a % b;
  return remainder !== 0 && remainder < 0 !== b < 0 ? remainder + b : remainder;
}

function truncateDivideBigInt(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new DivisionByZeroError();
  return a / b;
}

function floorDivideBigInt(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new DivisionByZeroError();
  return a % b !== 0n && a < 0n !== b < 0n ? a / b - 1n : a / b;
}

function truncateModuloBigInt(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new DivisionByZeroError();
  return a % b;
}

function floorModuloBigInt(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new DivisionByZeroError();
  const remainder = a % b;
  return remainder !== 0n && remainder < 0n !== b < 0n ? remainder + b : remainder;
}

const TRUE_DIVIDE: BinaryFunction = { number: (a, b) => a / b, complex: divideComplex, loop: divideLoop };

const TRUNCATE_DIVIDE: BinaryFunction = {
  number: truncateDivide,
  float: (round) => (a, b) => Math.trunc(round(a / b)),
  bigint: truncateDivideBigInt,
};

const TRUNCATE_MODULO: BinaryFunction = {
  number: truncateModulo,
  float: () => (a, b) => a % b,
  bigint: truncateModuloBigInt,
};

function checkExponent(isNegative: boolean): void {
  if (isNegative) throw new InvalidArgumentError('Integers to negative integer powers are not allowed.');
}

function powerInt32(base: number, exponent: number): number {
  checkExponent(exponent < 0);
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, square);
    square = Math.imul(square, square);
  }
  return result;
}

function powerInt64(base: bigint, exponent: bigint): bigint {
  checkExponent(exponent < 0n);
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asIntN(64, result * square);
    square = BigInt.asIntN(64, square * square);
  }
  return result;
}

// C's pow(±1, anything) is 1, also for NaN and infinities; JavaScript's is NaN.
function powerFloat(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && !Number.isFinite(exponent) && exponent === exponent)) return 1;
  return base ** exponent;
}

function powerComplex(ar: number, ai: number, br: number, bi: number, result: Float64Array): void {
  const radius = Math.hypot(ar, ai);
  if (radius === 0) {
    result[0] = br === 0 && bi === 0 ? 1 : 0;
    result[1] = 0;
    return;
  }
  const angle = Math.atan2(ai, ar);
  const logRadius = Math.log(radius);
  const size = Math.exp(br * logRadius - bi * angle);
  const turn = bi * logRadius + br * angle;
  result[0] = size * Math.cos(turn);
  result[1] = size * Math.sin(turn);
}

const POWER: BinaryFunction = {
  number: (a, b) => {
    checkExponent(b < 0);
    return a ** b;
  },
  float: () => powerFloat,
  int32: powerInt32,
  bigint: powerInt64,
  complex: powerComplex,
};

const SQUARED_DIFFERENCE: BinaryFunction = {
  number: (a, b) => (a - b) * (a - b),
  int32: (a, b) => Math.imul(a - b, a - b),
  bigint: (a, b) => (a - b) * (a - b),
  complex: (ar, ai, br, bi, result) => {
    // Times its conjugate, as TensorFlow has it.
    result[0] = (ar - br) * (ar - br) + (ai - bi) * (ai - bi);
    result[1] = 0;
  },
};

const SELU_SCALE = 1.0507009873554805;
const SELU_SCALE_ALPHA = 1.7580993408473768;

const float = (number: (a: number, b: number) => number): BinaryFunction => ({ number });

/** Between two bounds, that each broadcast. */
function clipByValue(maximum: KernelDefinition, minimum: KernelDefinition): KernelDefinition {
  return define(
    'ClipByValue',
    (operation) => {
      const atLeast = maximum.prepare(operation);
      const atMost = minimum.prepare(operation);
      // In this order, which counts where the least is more than the most.
      return ([value, low, high], context) => atLeast([atMost([value!, high!], context)[0]!, low!], context);
    },
    isReal,
  );
}

/** The next number of its data type from one in the direction of another. */
const nextAfter: KernelDefinition = define(
  'NextAfter',
  (operation) => {
    const { dtype } = operation.output();
    const bits = dtype === 'float64' ? new BigInt64Array(1) : new Int32Array(1);
    const float = dtype === 'float64' ? new Float64Array(bits.buffer) : new Float32Array(bits.buffer);
    const step = (from: number, towards: number): number => {
      if (from !== from || towards !== towards) return NaN;
      if (from === towards) return towards;
      float[0] = from;
      const isAway = from === 0 || from < towards === from > 0;
      if (from === 0) float[0] = 0;
      if (bits instanceof Int32Array) bits[0]! += isAway ? 1 : -1;
      else bits[0]! += isAway ? 1n : -1n;
      return from === 0 && towards < 0 ? -float[0] : float[0];
    };
    return prepareBinary({ number: step })(operation);
  },
  (dtype) => dtype === 'float32' || dtype === 'float64',
);

const maximum = defineBinary('Maximum', {
  number: (a, b) => (a > b || a !== a ? a : b),
  bigint: (a, b) => (a > b ? a : b),
  loop: maximumLoop,
});

const minimum = defineBinary('Minimum', {
  number: (a, b) => (a < b || a !== a ? a : b),
  bigint: (a, b) => (a < b ? a : b),
  loop: minimumLoop,
});

export const mathKernels: readonly KernelDefinition[] = [
  defineBinary('Add', ADD),
  defineBinary('AddV2', ADD),
  defineBinary('Sub', SUBTRACT),
  defineBinary('Mul', MULTIPLY),
  defineBinary('RealDiv', TRUE_DIVIDE),
  defineBinary('Div', {
    number: truncateDivide,
    float: () => TRUE_DIVIDE.number,
    bigint: truncateDivideBigInt,
    complex: divideComplex,
  }),
  defineBinary('DivNoNan', {
    number: (a, b) => (b === 0 ? 0 : a / b),
    complex: (ar, ai, br, bi, result) => {
      if (br === 0 && bi === 0) result.fill(0);
      else divideComplex(ar, ai, br, bi, result);
    },
  }),
  defineBinary('MulNoNan', {
    number: (a, b) => (b === 0 ? 0 : a * b),
    complex: (ar, ai, br, bi, result) => {
      if (br === 0 && bi === 0) result.fill(0);
      else MULTIPLY.complex!(ar, ai, br, bi, result);
    },
  }),
  defineBinary('FloorDiv', {
    number: floorDivide,
    float: (round) => (a, b) => Math.floor(round(a / b)),
    bigint: floorDivideBigInt,
  }),
  defineBinary('FloorMod', { number: floorModulo, float: () => floorModuloFloat, bigint: floorModuloBigInt }),
  defineBinary('TruncateDiv', TRUNCATE_DIVIDE),
  defineBinary('TruncateMod', TRUNCATE_MODULO),
  defineBinary('Mod', TRUNCATE_MODULO),
  defineBinary('Pow', POWER),
  clipByValue(maximum, minimum),
  nextAfter,
  maximum,
  minimum,
  defineBinary('SquaredDifference', SQUARED_DIFFERENCE),
  defineBinary(
    'Xdivy',
    float((a, b) => (a === 0 ? 0 : a / b)),
  ),
  defineBinary(
    'Xlogy',
    float((a, b) => (a === 0 ? 0 : a * Math.log(b))),
  ),
  defineBinary(
    'Xlog1py',
    float((a, b) => (a === 0 ? 0 : a * Math.log1p(b))),
  ),
  defineBinary('Atan2', float(Math.atan2)),
  // Multiplied, not chosen: NaN stays NaN.
  defineBinary(
    'ReluGrad',
    float((gradient, feature) => gradient * Number(feature > 0)),
  ),
  defineBinary(
    'Relu6Grad',
    float((gradient, feature) => gradient * Number(feature > 0 && feature < 6)),
  ),
  defineBinary(
    'EluGrad',
    float((gradient, output) => (output < 0 ? gradient * (output + 1) : gradient)),
  ),
  defineBinary(
    'SeluGrad',
    float((gradient, output) => gradient * (output < 0 ? output + SELU_SCALE_ALPHA : SELU_SCALE)),
  ),
  defineBinary(
    'SoftplusGrad',
    float((gradient, feature) => gradient / (Math.exp(-feature) + 1)),
  ),
  defineBinary(
    'SoftsignGrad',
    float((gradient, feature) => gradient / (1 + Math.abs(feature)) ** 2),
  ),
  defineBinary(
    'SigmoidGrad',
    float((output, gradient) => gradient * output * (1 - output)),
  ),
  defineBinary(
    'TanhGrad',
    float((output, gradient) => gradient * (1 - output * output)),
  ),
  defineBinary(
    'SqrtGrad',
    float((output, gradient) => (gradient * 0.5) / output),
  ),
  defineBinary(
    'RsqrtGrad',
    float((output, gradient) => (gradient === 0 ? 0 : -0.5 * gradient * output * output * output)),
  ),
  defineBinary(
    'InvGrad',
    float((output, gradient) => (gradient === 0 ? 0 : -gradient * output * output)),
  ),
  defineBinary(
    'ReciprocalGrad',
    float((output, gradient) => (gradient === 0 ? 0 : -gradient * output * output)),
  ),
];
