"""Writes packages/training/testdata/control-flow-gradients.json.gz: gradients through loops, branches and lists that TensorFlow computes.

    python tools/tensorflow/control_flow_gradient_goldens.py        (TensorFlow 2.21)

Cases as those of gradient_goldens.py. Each is made with functional control flow, as TensorFlow 2 builds it, and with TensorFlow 1's.
"""
import gzip
import json
import os

import gradient_goldens
from golden_cases import np, tf, v1
from gradient_goldens import CASES, integers, normal

raw = tf.raw_ops
W = normal(3, 3) * 0.5
RANKED = ("shapes", "dimensions")


def case(title, build, *inputs, modes=RANKED, versions=(1, 2)):
  for version in versions:
    v1.enable_control_flow_v2() if version == 2 else v1.disable_control_flow_v2()
    gradient_goldens.case("%s, version %d" % (title, version), build, *inputs, modes=modes)


def power(x, n):
  return tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, tf.tanh(a * x) * 1.5), [0, x])[1]


def loops():
  for n in (0, 1, 4):
    case("a loop around %d times" % n, lambda x, w, n: tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, tf.tanh(tf.matmul(a, w))), [0, x])[1],
         normal(2, 3), normal(3, 3), np.int32(n))
  case("a loop that ends by what it computes", lambda x: tf.while_loop(lambda a: tf.reduce_sum(tf.abs(a)) < 20.0, lambda a: (a * a + 1.0,), [x])[0], normal(3))
  case("a loop of several variables", lambda x, y: tf.while_loop(lambda i, a, b, c: i < 3, lambda i, a, b, c: (i + 1, a * b, b + tf.sin(c), c), [0, x, y, x])[1:], normal(3), normal(3))
  case("a loop of which nothing is wanted but the last", lambda x, y: tf.while_loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, b * y, tf.exp(-a)), [0, x, tf.zeros_like(x)])[1], normal(3), normal(3))
  case("a loop of at most so many times", lambda x: tf.while_loop(lambda k, a: tf.reduce_sum(a) < 100.0, lambda k, a: (k, a * k * 1.1 + 0.1), [x, x], maximum_iterations=4)[1], normal(3))
  case("a loop that grows", lambda x, w: tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.concat([a, tf.matmul(a[:1], w)], 0)), [0, x], shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 3])])[1], normal(2, 3), normal(3, 3), modes=("shapes",), versions=(2,))
  case("a loop in a loop", lambda x, w: tf.while_loop(
      lambda i, a: i < 3, lambda i, a: (i + 1, tf.while_loop(lambda j, _: j < i, lambda j, b: (j + 1, tf.tanh(tf.matmul(b, w))), [0, a])[1] + 0.5), [0, x])[1], normal(2, 3), normal(3, 3))
  case("two loops, one after the other", lambda x: power(power(x, 2) + 1.0, 3), normal(3))
  case("a choice in a loop", lambda x, w: tf.while_loop(
      lambda i, a: i < 4, lambda i, a: (i + 1, tf.cond(tf.equal(i % 2, 0), lambda: tf.tanh(tf.matmul(a, w)), lambda: a * x)), [0, x])[1], normal(2, 3), normal(3, 3))
  case("numbers in a loop", lambda x: tf.while_loop(lambda i, k, a: i < 4, lambda i, k, a: (i + 1, k * 2, a * tf.cast(k, tf.float64) / 3.0), [0, tf.constant(1, tf.int64), x])[2], normal(3))
  case("shapes in a loop", lambda x: tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a + tf.reduce_mean(a * a, 0) + tf.reshape(tf.transpose(a), tf.shape(a))), [0, x])[1], normal(2, 3))
  case("a gather in a loop", lambda x, i: tf.while_loop(lambda k, a: k < 3, lambda k, a: (k + 1, a + tf.gather(x, i[k])), [0, tf.zeros([3], tf.float64)])[1], normal(5, 3), integers(5, 3), modes=("shapes",))
  case("a loop in a choice", lambda x, p: tf.cond(p > 0, lambda: power(x, 3), lambda: x * x), normal(3), np.float64(1))
  case("a loop in a choice that is not taken", lambda x, p: tf.cond(p > 0, lambda: power(x, 3), lambda: x * x), normal(3), np.float64(-1))


def choices():
  for p in (True, False):
    case("a choice (%s)" % p, lambda x, y, p: tf.cond(p, lambda: tf.tanh(x) * y, lambda: tf.exp(x)), normal(3), normal(3), np.bool_(p))
    case("a choice of several (%s)" % p, lambda x, y, p: tf.cond(p, lambda: (x * 2, tf.matmul(y, y)), lambda: (tf.sin(x), y)), normal(3), normal(2, 2), np.bool_(p))
    case("a choice in a choice (%s)" % p, lambda x, y, p: tf.cond(p, lambda: tf.cond(tf.reduce_sum(x) > 0, lambda: x * y * y, lambda: tf.exp(x * y)), lambda: tf.cond(tf.reduce_sum(y) > 0, lambda: tf.sin(x * y), lambda: y)), normal(3), normal(3), np.bool_(p))
    case("a choice of what is there (%s)" % p, lambda x, y, p: tf.cond(p, lambda: x, lambda: y), normal(3), normal(3), np.bool_(p))
  for i in (-1, 0, 1, 2, 7):
    case("one of three (%d)" % i, lambda x, y, i: tf.switch_case(i, [lambda: x * y, lambda: tf.sin(x), lambda: tf.exp(y)]), normal(3), normal(3), np.int32(i), modes=("shapes",), versions=(2,))


def rnn(x, w, u, reverse=False):
  n = tf.shape(x)[0]
  items = tf.TensorArray(x.dtype, n).unstack(x)
  out = tf.TensorArray(x.dtype, n)

  def body(i, h, out):
    h = tf.tanh(tf.matmul(items.read(n - 1 - i if reverse else i), w) + tf.matmul(h, u))
    h = tf.ensure_shape(h, [None, 3])
    return i + 1, h, out.write(i, h)

  zeros = tf.ensure_shape(tf.zeros([tf.shape(x)[1], 3], x.dtype), [None, 3])
  _, h, out = tf.while_loop(lambda i, *_: i < n, body, [0, zeros, out])
  return h, out.stack()


def lists():
  case("a recurrent network", lambda x, w, u: rnn(x, w, u), normal(4, 2, 5), normal(5, 3), normal(3, 3))
  case("a recurrent network backwards", lambda x, w, u: rnn(x, w, u, True)[1], normal(4, 2, 5), normal(5, 3), normal(3, 3))
  case("a recurrent network of no steps", lambda x, w, u: rnn(x, w, u)[0], normal(0, 2, 5), normal(5, 3), normal(3, 3), modes=("dimensions",))
  case("an array that is read twice", lambda x: read_twice(x), normal(3, 2))
  case("an array of parts of several lengths", lambda x, y: parts(x, y), normal(2, 3), normal(1, 3), modes=("shapes",))
  case("parts of an array", lambda x: gathered(x), normal(4, 2))
  case("pushed and popped", lambda x, y: pushed(x, y), normal(3), normal(3), versions=(2,))
  case("pushed in a loop", lambda x: pushed_in_loop(x), normal(3), versions=(2,))
  case("set twice", lambda x, y: tf.TensorArray(tf.float64, 3, element_shape=[3]).write(0, x * x).write(1, y).write(2, x).stack(), normal(3), normal(3))
  for scatter in (raw.TensorListScatter, None):
    case("scattered %s" % ("" if scatter else "V2"), lambda x, s=scatter: scattered(x, s), normal(3, 2), versions=(2,), modes=("shapes",))


def read_twice(x):
  items = tf.TensorArray(x.dtype, 3, clear_after_read=False).unstack(x * x)
  return tf.while_loop(lambda i, _: i < 3, lambda i, a: (i + 1, a * items.read(i) + items.read(0)), [0, tf.ones([2], tf.float64)])[1]


def parts(x, y):
  items = tf.TensorArray(x.dtype, 2, infer_shape=False, element_shape=[None, 3]).write(0, x * x).write(1, tf.sin(y))
  return items.concat() * 2.0, tf.TensorArray(x.dtype, 2, infer_shape=False, element_shape=[None, 3]).split(tf.concat([x, y], 0) ** 2, [1, 2]).read(1)


def gathered(x):
  items = tf.TensorArray(x.dtype, 4, clear_after_read=False).scatter([3, 1, 0, 2], x * x)
  return items.gather([1, 3]) + tf.tanh(items.read(0))


def pushed(x, y):
  empty = raw.EmptyTensorList(element_shape=[3], max_num_elements=-1, element_dtype=tf.float64)
  both = raw.TensorListPushBack(input_handle=raw.TensorListPushBack(input_handle=empty, tensor=x * y), tensor=tf.exp(y))
  rest, last = raw.TensorListPopBack(input_handle=both, element_shape=[3], element_dtype=tf.float64)
  return last * 3.0, raw.TensorListStack(input_handle=rest, element_shape=[3], element_dtype=tf.float64)


def pushed_in_loop(x):
  empty = raw.EmptyTensorList(element_shape=[3], max_num_elements=-1, element_dtype=tf.float64)
  _, _, out = tf.while_loop(lambda i, *_: i < 4, lambda i, a, o: (i + 1, tf.sin(a) * x, raw.TensorListPushBack(input_handle=o, tensor=a)), [0, x, empty])
  return raw.TensorListStack(input_handle=out, element_shape=[3], element_dtype=tf.float64)


def scattered(x, scatter):
  y = x * x
  if scatter:
    items = scatter(tensor=y, indices=[2, 0, 1], element_shape=[2])
  else:
    items = raw.TensorListScatterV2(tensor=y, indices=[2, 0, 1], element_shape=[2], num_elements=5)
  return raw.TensorListGather(input_handle=items, indices=[0, 2], element_shape=[2], element_dtype=tf.float64)


@tf.function
def called(x, y):
  return tf.tanh(x) * y, tf.exp(y)


@tf.function
def calling(x, y):
  a, b = called(x, y)
  return called(b, tf.cond(tf.reduce_sum(a) > 0, lambda: a * a, lambda: called(a, y)[0]))[0]


def calls():
  case("a call", lambda x, y: called(x * 2, y), normal(3), normal(3), versions=(2,))
  case("a call, of one result", lambda x, y: called(x * 2, y)[0], normal(3), normal(3), versions=(2,))
  case("calls in calls", lambda x, y: calling(x, y) + calling(y, x), normal(3), normal(3), versions=(2,))
  case("calls in a loop", lambda x, y: tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, called(a, y)[0] + a), [0, x])[1], normal(3), normal(3), versions=(2,))


def main():
  for family in (loops, choices, lists, calls):
    family()
  path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packages/training/testdata/control-flow-gradients.json.gz")
  text = json.dumps({"tensorflow": tf.__version__, "cases": CASES}, separators=(",", ":"))
  with open(path, "wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as zipped:
    zipped.write(text.encode())
  print("%d cases, %d bytes" % (len(CASES), os.path.getsize(path)))


if __name__ == "__main__":
  main()
