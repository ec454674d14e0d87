/**
 * Makes an object callable: a function that has all its members.
 *
 * @param call What calling it does.
 */
export function makeCallable<T extends object, F extends (...args: never[]) => unknown>(object: T, call: F): T & F {
  // The object becomes the prototype of the function, so that members are found on it and nothing is copied.
  return Object.setPrototypeOf(call, object) as T & F;
}
