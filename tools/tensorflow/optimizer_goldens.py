"""Writes packages/runtime/testdata/kernels/optimizers.json.gz: what TensorFlow's optimizers make of a variable.

  python tools/tensorflow/optimizer_goldens.py        (TensorFlow 2.21)
"""
import os
from golden_cases import Family, np, tf


def gradient_descent(start, rate, gradient):
  """The variable after two steps."""
  handle = tf.raw_ops.VarHandleOp(dtype=start.dtype, shape=[], shared_name="variable")
  before = tf.raw_ops.AssignVariableOp(resource=handle, value=start)
  for _ in range(2):
    with tf.control_dependencies([before]):
      before = tf.raw_ops.ResourceApplyGradientDescent(var=handle, alpha=rate, delta=gradient)
  with tf.control_dependencies([before]):
    return tf.raw_ops.ReadVariableOp(resource=handle, dtype=start.dtype)


def optimizers(family):
  random = np.random.RandomState(1)
  for dtype, tolerance in ((np.float32, (1e-6, 1e-7)), (np.float64, (1e-14, 1e-15)), (np.float16, (2e-3, 1e-3))):
    for shape in ([3, 5], [], [0, 2]):
      start, gradient = (np.asarray(random.standard_normal(shape)).astype(dtype) for _ in range(2))
      family.program(gradient_descent, start, np.array(0.1, dtype), gradient, tolerance=tolerance)
  family.program(gradient_descent, np.zeros([2, 3], np.float32), np.array(0.1, np.float32), np.zeros([3], np.float32), fails=True)
  family.program(gradient_descent, np.zeros([3], np.float32), np.array([0.1], np.float32), np.zeros([3], np.float32), fails=True)


# Slots and scalars of each op, and the attribute that changes it. Adam's first two are powers of its decays.
OPTIMIZERS = {
    "Momentum": (["accum"], [("lr", 0.1), None, ("momentum", 0.9)], "use_nesterov"),
    "Adagrad": (["accum"], [("lr", 0.1), None], "update_slots"),
    "AdagradV2": (["accum"], [("lr", 0.1), ("epsilon", 1e-7), None], "update_slots"),
    "RMSProp": (["ms", "mom"], [("lr", 0.1), ("rho", 0.9), ("momentum", 0.5), ("epsilon", 1e-3), None], None),
    "CenteredRMSProp": (["mg", "ms", "mom"], [("lr", 0.1), ("rho", 0.9), ("momentum", 0.5), ("epsilon", 1e-3), None], None),
    "Adam": (["m", "v"], [("beta1_power", 0.9), ("beta2_power", 0.99), ("lr", 0.1), ("beta1", 0.9), ("beta2", 0.99), ("epsilon", 1e-7), None], "use_nesterov"),
    "Adadelta": (["accum", "accum_update"], [("lr", 0.5), ("rho", 0.9), ("epsilon", 1e-3), None], None),
}


def step(name, flag, start, gradient, *rows):
  """The variable and its slots after two steps, of rows of it if there are some."""
  slots, scalars, attribute = OPTIMIZERS[name]
  handles = {}
  before = []
  for slot in ["var"] + slots:
    handles[slot] = tf.raw_ops.VarHandleOp(dtype=start.dtype, shape=[], shared_name=slot)
    before.append(tf.raw_ops.AssignVariableOp(resource=handles[slot], value=start if slot == "var" else tf.abs(start) * (1 if slot != "mg" else 0.1)))
  arguments = {scalar[0]: tf.constant(scalar[1], start.dtype) for scalar in scalars if scalar}
  if attribute:
    arguments[attribute] = flag
  if rows:
    arguments["indices"] = rows[0]
  for _ in range(2):
    with tf.control_dependencies(before):
      op = getattr(tf.raw_ops, "Resource%sApply%s" % ("Sparse" if rows else "", name))
      before = [op(grad=gradient, **handles, **arguments)]
  with tf.control_dependencies(before):
    return [tf.raw_ops.ReadVariableOp(resource=handle, dtype=start.dtype) for handle in handles.values()]


def all_optimizers(family):
  random = np.random.RandomState(2)
  for dtype, tolerance in ((np.float32, (2e-6, 1e-6)), (np.float64, (1e-13, 1e-14))):
    for name, (_, _, attribute) in OPTIMIZERS.items():
      for flag in (False, True) if attribute else (False,):
        build = lambda *inputs: step(name, flag, *inputs)
        for shape in ([3, 5], [], [0, 2]):
          start, gradient = (np.asarray(random.standard_normal(shape)).astype(dtype) for _ in range(2))
          family.program(build, start, gradient, tolerance=tolerance)
        if name != "Adam":
          start, gradient = random.standard_normal([4, 3]).astype(dtype), random.standard_normal([2, 3]).astype(dtype)
          family.program(build, start, gradient, np.array([3, 0], np.int64), tolerance=tolerance)
        family.program(build, np.ones([3], dtype), np.ones([2], dtype), fails=True)


if __name__ == "__main__":
  built = Family("optimizers")
  optimizers(built)
  all_optimizers(built)
  built.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packages/runtime/testdata/kernels"))
