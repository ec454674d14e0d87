import type { DeviceTensor } from '@tenon/backend';
import { Tensor, type DType, type PartialShape, type TensorReference } from '@tenon/tensor';

/** What a resource handle stands for. Each kind has a class of its own, and kernels check it. */
export type Resource = object;

/** A variable of a session. */
export class Variable {
  /**
   * Its value; a reference while nothing has needed the elements; on a device, where whoever made the session put it there; `undefined`
   * before it is initialised.
   */
  value: Tensor | TensorReference | DeviceTensor | undefined;
  /**
   * How often a program has assigned it. Its initialiser does not count: while this is 0, the value is what the module was published
   * with, and programs take it for a constant.
   */
  assignments = 0;

  constructor(
    readonly name: string,
    readonly dtype: DType,
    readonly shape: PartialShape,
  ) {}

  assign(value: Tensor | DeviceTensor): void {
    this.value = value;
    this.assignments++;
  }
}

/** The resources of a session, by kind and name, as TensorFlow's resource manager has them. */
export class Resources {
  private readonly byKey = new Map<string, Resource>();

  /** The resource of that kind and name; `create` makes it the first time. */
  getOrCreate<R extends Resource>(kind: string, name: string, create: () => R): R {
    const key = `${kind}\0${name}`;
    let resource = this.byKey.get(key) as R | undefined;
    if (!resource) {
      resource = create();
      this.byKey.set(key, resource);
    }
    return resource;
  }
}

/** The tensor that carries a resource through a graph: a scalar whose one element is the resource. */
export function handleOf(resource: Resource): Tensor<'resource'> {
  return new Tensor('resource', [], [resource]);
}
