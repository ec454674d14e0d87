import { forAll, sameAsFirst, type ShapeFunctions } from '../shape-context.js';

const OPTIMIZERS = [
  'AdaMax',
  'Adadelta',
  'Adagrad',
  'AdagradDA',
  'AdagradV2',
  'Adam',
  'AddSign',
  'CenteredRMSProp',
  'Ftrl',
  'FtrlV2',
  'GradientDescent',
  'Momentum',
  'PowerSign',
  'ProximalAdagrad',
  'ProximalGradientDescent',
  'RMSProp',
];

/** Steps of optimizers on reference variables give the variable back; those on resources give nothing. */
export const TRAINING: ShapeFunctions = {
  ...forAll(
    OPTIMIZERS.map((name) => `Apply${name}`),
    sameAsFirst,
  ),
  ...forAll(
    OPTIMIZERS.map((name) => `SparseApply${name}`),
    sameAsFirst,
  ),
};
