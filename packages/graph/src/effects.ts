import type { Operation } from './operation.js';

/** Stateful to TensorFlow, but all they do is look: doing it again, or not at all when nobody reads the result, changes nothing. */
const READERS = new Set([
  '_Arg',
  '_ReadVariablesOp',
  'CheckNumerics',
  'CheckNumericsV2',
  'DeepCopy',
  'Empty',
  'GuaranteeConst',
  'LookupTableExportV2',
  'LookupTableFindV2',
  'LookupTableSizeV2',
  'ReadVariableOp',
  'ResourceGather',
  'ResourceGatherNd',
  'TensorArrayConcatV3',
  'TensorArrayGatherV3',
  'TensorArrayReadV3',
  'TensorArraySizeV3',
  'VarIsInitializedOp',
  'VariableShape',
]);

/** Each run gives other results, but nothing else comes of it. */
const RANDOM = new Set([
  'Multinomial',
  'ParameterizedTruncatedNormal',
  'RandomCrop',
  'RandomGamma',
  'RandomPoisson',
  'RandomPoissonV2',
  'RandomShuffle',
  'RandomStandardNormal',
  'RandomUniform',
  'RandomUniformInt',
  'TruncatedNormal',
]);

/** Take a reference to a variable without changing it. */
const REFERENCE_READERS = new Set([
  'IsVariableInitialized',
  'RefEnter',
  'RefExit',
  'RefIdentity',
  'RefMerge',
  'RefNextIteration',
  'RefSelect',
  'RefSwitch',
]);

/** Whether an operation stands for a variable, a table or other state that it gives a name to. */
export function isState({ type, definition, inputs, outputs }: Operation): boolean {
  return (
    definition.isStateful &&
    inputs.length === 0 &&
    outputs.length > 0 &&
    outputs.every(({ dtype, isReference }) => dtype === 'resource' || isReference) &&
    // These make new state whenever they run.
    !type.startsWith('Anonymous')
  );
}

/** Whether it makes no difference if an operation runs twice with the same inputs. */
export function isRepeatable(operation: Operation): boolean {
  if (writesReference(operation)) return false;
  return !operation.definition.isStateful || READERS.has(operation.type) || isState(operation);
}

/** Whether an operation has to run even where nobody reads its results. */
export function hasEffect(operation: Operation): boolean {
  return !isRepeatable(operation) && !RANDOM.has(operation.type);
}

/** The definitions of ops that change reference variables do not call them stateful. */
function writesReference({ type, definition }: Operation): boolean {
  return definition.inputs.some(({ isReference }) => isReference) && !REFERENCE_READERS.has(type);
}
