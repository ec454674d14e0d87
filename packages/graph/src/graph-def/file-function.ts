import { UnsupportedDTypeError, type FunctionDef } from '@tenon/format';
import type { Attribute, Attributes } from '../attributes.js';
import { InvalidGraphError } from '../errors.js';
import { hasEffect } from '../effects.js';
import type { FunctionEntry, FunctionGraph, FunctionLibrary } from '../function-library.js';
import { expand, Graph } from '../graph.js';
import type { OperationDefinition } from '../operation-definition.js';
import type { Operation, SymbolicTensor } from '../operation.js';
import { importAttributes } from './import-attribute.js';
import { importDefinition } from './import-definition.js';
import { importNodes, type InputReference } from './import-nodes.js';
import { substituteAttributes } from './substitute-attributes.js';

/** A function as a file has it, read when somebody asks for it. */
export class FileFunction implements FunctionEntry {
  private readDefinition: OperationDefinition | undefined;
  private readAttributes: Attributes | undefined;
  /** The body of a function that has no attributes to depend on. */
  private body: FunctionGraph | undefined;

  constructor(
    /** As the file has it. */
    readonly functionDef: FunctionDef,
    /** Where the body finds the functions that it calls. */
    private readonly library: FunctionLibrary,
  ) {}

  get name(): string {
    return this.functionDef.signature?.name ?? '';
  }

  get definition(): OperationDefinition {
    this.readDefinition ??= importDefinition(this.functionDef.signature!);
    return this.readDefinition;
  }

  get attributes(): Attributes {
    this.readAttributes ??= importAttributes(this.functionDef.attr, `Function "${this.name}"`);
    return this.readAttributes;
  }

  /**
   * The body, shared between those who ask for the same one: it must not be changed.
   *
   * @throws InvalidGraphError, GraphCycleError if the file's function is broken.
   */
  instantiate(attributes: Attributes): FunctionGraph {
    if (this.definition.attributes.size > 0) return this.build(attributes);
    this.body ??= this.build(attributes);
    return this.body;
  }

  private build(attributes: Attributes): FunctionGraph {
    try {
      return this.import(attributes);
    } catch (error) {
      if (error instanceof InvalidGraphError) {
        throw new InvalidGraphError(error.problems.map((problem) => `Function "${this.name}": ${problem}`));
      }
      if (error instanceof UnsupportedDTypeError) throw new InvalidGraphError([error.message]);
      throw error;
    }
  }

  private import(callAttributes: Attributes): FunctionGraph {
    const { definition, functionDef, name } = this;
    const attributes = withDefaults(callAttributes, definition);
    const graph = new Graph(this.library);
    const given = this.addArguments(graph, attributes);
    const nodes = importNodes(functionDef.nodeDef, graph, { parse: parseInput, given }, (own) =>
      substituteAttributes(own, attributes),
    );
    const outputs: SymbolicTensor[] = [];
    const outputNames: string[] = [];
    const problems: string[] = [];
    for (const output of definition.outputs) {
      const source = functionDef.ret[output.name];
      if (source === undefined) {
        problems.push(`Nothing is returned as "${output.name}".`);
        continue;
      }
      const types = expand([output], definition, attributes, name);
      const tensors = nodes.tensors(source);
      if (tensors.length !== types.length || tensors.some(({ dtype }, index) => dtype !== types[index]!.dtype)) {
        problems.push(
          `"${output.name}" is to be ${types.map(({ dtype }) => dtype).join(', ')}, but "${source}" is ${tensors.map(({ dtype }) => dtype).join(', ')}.`,
        );
      }
      for (const tensor of tensors) outputs.push(tensor);
      tensors.forEach((_, index) => outputNames.push(isSingle(output) ? output.name : `${output.name}_${index}`));
    }
    const controlOutputs = new Set<Operation>();
    for (const target of Object.values(functionDef.controlRet)) {
      const operation = nodes.operation(target);
      if (operation) {
        if (!operation.definition.isStateful) controlOutputs.add(operation);
      } else problems.push(`"${target}" is to run whenever the function does, but there is no such operation.`);
    }
    if (problems.length > 0) throw new InvalidGraphError(problems);
    // Files name every stateful operation, reads of variables too, or, in functions of TensorFlow 1, none of those that must run.
    for (const operation of graph.operations) if (hasEffect(operation)) controlOutputs.add(operation);
    return {
      name,
      graph,
      inputs: [...given.values()].flat(),
      outputs,
      controlOutputs: [...controlOutputs],
      outputNames,
    };
  }

  private addArguments(graph: Graph, attributes: Attributes): Map<string, SymbolicTensor[]> {
    const { definition, functionDef, name } = this;
    const given = new Map<string, SymbolicTensor[]>();
    let position = 0;
    for (const argument of definition.inputs) {
      const tensors = expand([argument], definition, attributes, name).map(({ dtype }, index) => {
        const { attr } = functionDef.argAttr[position] ?? { attr: {} };
        const own = importAttributes(attr, `Function "${name}", argument "${argument.name}"`);
        const shapes = own.get('_output_shapes');
        const shape = shapes?.kind === 'list' && shapes.value[0]?.kind === 'shape' ? shapes.value[0].value : null;
        return graph
          .addOperation({
            type: '_Arg',
            name: isSingle(argument) ? argument.name : `${argument.name}_${index}`,
            attributes: new Map<string, Attribute>([
              ...own,
              ['T', { kind: 'dtype', value: dtype }],
              ['index', { kind: 'int', value: BigInt(position++) }],
            ]),
            shapes: [shape],
          })
          .output();
      });
      given.set(argument.name, tensors);
    }
    return given;
  }
}

function isSingle({ type, numberAttribute }: OperationDefinition['inputs'][number]): boolean {
  return !('listAttribute' in type) && numberAttribute === undefined;
}

function withDefaults(attributes: Attributes, definition: OperationDefinition): Attributes {
  const all = new Map(attributes);
  for (const { name, default: value } of definition.attributes.values()) {
    if (value && !all.has(name)) all.set(name, value);
  }
  return all;
}

/** `argument`, `argument:index`, `node:output:index` or `node:output`. */
function parseInput(input: string): InputReference {
  const [name = '', second, third] = input.split(':');
  if (second === undefined) return { name };
  if (third !== undefined) return { name, output: second, index: parseIndex(third) };
  return /^\d+$/.test(second) ? { name, index: parseIndex(second) } : { name, output: second };
}

function parseIndex(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.MAX_SAFE_INTEGER;
}
