import {
  create,
  dtypeToProto,
  FunctionDefSchema,
  shapeToProto,
  type FunctionDef,
  type Init,
  type NodeDef,
} from '@tenon/format';
import { isStateful } from '../built-function.js';
import type { FunctionEntry } from '../function-library.js';
import { expand } from '../graph.js';
import type { Operation, SymbolicTensor } from '../operation.js';

/** Writes an operation; `nameOf` says how its inputs are called. */
export type ExportNode = (operation: Operation, nameOf: (input: SymbolicTensor) => string) => NodeDef;

/** Writes a function that was built as TensorFlow's FunctionDef: what `FileFunction` reads. */
export function exportFunction(entry: FunctionEntry, exportNode: ExportNode): FunctionDef {
  const { name, graph, inputs, outputs, outputNames, controlOutputs } = entry.instantiate(new Map());
  const args = inputs.map(({ operation }) => operation);
  const body = Array.from(graph.operations).filter((operation) => !args.includes(operation));
  const taken = new Set(body.map((operation) => operation.name));
  const argNames = inputs.map((_, index) => freeName(`input_${index}`, taken));
  const nameOf = (tensor: SymbolicTensor): string => {
    const position = inputs.indexOf(tensor);
    return position >= 0 ? argNames[position]! : nameInFunction(tensor);
  };
  const results = outputs.map((output, index) => ({ name: outputNames[index]!, output }));
  const controls = controlOutputs.map((operation) => operation.name);
  return create(FunctionDefSchema, {
    signature: {
      name,
      inputArg: inputs.map(({ dtype }, index) => ({ name: argNames[index]!, type: dtypeToProto(dtype) })),
      outputArg: results.map(({ name: output, output: { dtype } }) => ({ name: output, type: dtypeToProto(dtype) })),
      isStateful: isStateful(body),
      controlOutput: controls,
    },
    nodeDef: body.map((operation) => exportNode(operation, nameOf)),
    ret: Object.fromEntries(results.map(({ name: output, output: tensor }) => [output, nameOf(tensor)])),
    controlRet: Object.fromEntries(controls.map((control) => [control, control])),
    argAttr: Object.fromEntries(inputs.flatMap(({ shape }, index) => (shape ? [[index, shapesAttribute(shape)]] : []))),
  });
}

function freeName(base: string, taken: Set<string>): string {
  let name = base;
  while (taken.has(name)) name += '_';
  taken.add(name);
  return name;
}

/** `node:argument:index`: in functions an output is counted within the output argument of its op. */
function nameInFunction({ operation, index }: SymbolicTensor): string {
  const { definition, attributes, name } = operation;
  let start = 0;
  for (const argument of definition.outputs) {
    const count = expand([argument], definition, attributes, name).length;
    if (index < start + count) return `${name}:${argument.name}:${index - start}`;
    start += count;
  }
  throw new RangeError(`"${name}" has no output ${index}.`);
}

/** What `FileFunction` reads the shape of an argument from. */
function shapesAttribute(shape: readonly (number | null)[]): Init<FunctionDef['argAttr'][number]> {
  return { attr: { _output_shapes: { value: { case: 'list', value: { shape: [shapeToProto(shape)] } } } } };
}
