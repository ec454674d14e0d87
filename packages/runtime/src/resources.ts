import type { DType, PartialShape, Tensor, TensorReference } from '@tenon/tensor';

/** A variable of a session. */
export interface Variable {
  readonly dtype: DType;
  readonly shape: PartialShape;
  /** Its value; a reference while nothing has needed the elements; `undefined` before it is initialised. */
  value: Tensor | TensorReference | undefined;
  /** Counts assignments, so that programs which took the value for a constant know that they are out of date. */
  version: number;
}

/** What a resource handle stands for. Kernels check the kind with their own type guards. */
export type Resource = object;

/** The resources of a session, by container, name and kind, as TensorFlow's resource manager has them. */
export class Resources {
  private readonly byName = new Map<string, Resource>();

  /** The resource of that kind and name; `create` makes it the first time. */
  getOrCreate<R extends Resource>(kind: string, name: string, create: () => R): R {
    const key = `${kind}\0${name}`;
    let resource = this.byName.get(key) as R | undefined;
    if (!resource) {
      resource = create();
      this.byName.set(key, resource);
    }
    return resource;
  }
}
