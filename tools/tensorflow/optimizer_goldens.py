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


if __name__ == "__main__":
  built = Family("optimizers")
  optimizers(built)
  built.write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packages/runtime/testdata/kernels"))
