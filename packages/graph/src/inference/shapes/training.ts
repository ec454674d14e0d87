import { forAll, sameAsFirst, type ShapeFunctions } from '../shape-context.js';

/** Optimizers that also update some rows alone. */
const SPARSE = [
  'Adadelta',
  'Adagrad',
  'AdagradDA',
  'AdagradV2',
  'CenteredRMSProp',
  'Ftrl',
  'FtrlV2',
  'Momentum',
  'RMSProp',
];
const PROXIMAL = ['ProximalAdagrad', 'ProximalGradientDescent'];
const DENSE = ['AdaMax', 'Adam', 'AddSign', 'GradientDescent', 'PowerSign'];

/** Steps of optimizers on reference variables give the variable back; those on resources give nothing. */
export const TRAINING: ShapeFunctions = {
  ...forAll(
    [...SPARSE, ...PROXIMAL, ...DENSE].map((name) => `Apply${name}`),
    sameAsFirst,
  ),
  ...forAll(
    [...SPARSE, ...PROXIMAL].map((name) => `SparseApply${name}`),
    sameAsFirst,
  ),
};
