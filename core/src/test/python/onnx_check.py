"""Checks ONNX models that the Java tests wrote with ONNX' own tools, which the Java tests do not have.

    mvn -Dtest='*Onnx*,*ExportTest,*PropertyTest,PreprocessingNodesTest' \\
        -Dsurefire.failIfNoSpecifiedTests=false -Dtransfer4j.test.models=/tmp/models -pl core -am test
    python core/src/test/python/onnx_check.py /tmp/models

For every model of the folder: the checker with full_check, strict shape inference, the shape of the output that is
inferred against the one that is declared, and ONNX' reference implementation against ONNX Runtime on random images, in
batches of 1 and 3. The reference (of onnx 1.23) gives a maximum pooling with unequal padding another shape than the
checker and the runtime do: for such models the values are not compared.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator

TOLERANCE = 1e-4


def dimensions(value):
    return [each.dim_param or each.dim_value for each in value.type.tensor_type.shape.dim]


def check_structure(model):
    onnx.checker.check_model(model, full_check=True)
    declared = dimensions(model.graph.output[0])
    undeclared = onnx.ModelProto()
    undeclared.CopyFrom(model)
    for dimension in undeclared.graph.output[0].type.tensor_type.shape.dim:
        dimension.Clear()
    inferred = onnx.shape_inference.infer_shapes(
        undeclared, check_type=True, strict_mode=True, data_prop=True
    )
    computed = dimensions(inferred.graph.output[0])
    # after an upsampling, inference knows the number of images by a name of its own
    if [declared[0] if str(each).startswith("unk__") else each for each in computed] != declared:
        raise AssertionError(f"declares {declared}, computes {computed}")


def explicit(model):
    """The same in opset 14 or newer: in older ones the reference takes batch normalization for training."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.opset_import[0].version = max(copy.opset_import[0].version, 14)
    return copy


def is_within_reference(model):
    for node in model.graph.node:
        pads = next((list(each.ints) for each in node.attribute if each.name == "pads"), [])
        if node.op_type == "MaxPool" and pads[:2] != pads[2:]:
            return False
    return True


def check_values(model, batch):
    shape = [batch, *dimensions(model.graph.input[0])[1:]]
    images = np.random.default_rng(batch).uniform(0, 255, shape).astype(np.float32)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    fast = session.run(None, {"images": images})[0]
    reference = ReferenceEvaluator(explicit(model)).run(None, {"images": images})[0]
    difference = np.abs(fast - reference).max() / max(np.abs(reference).max(), 1e-30)
    if fast.shape != reference.shape or not difference < TOLERANCE:
        raise AssertionError(f"differs by {difference}")
    return difference


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", type=Path, help="folder of .onnx files")
    files = sorted(parser.parse_args().models.glob("*.onnx"))
    operators = set()
    worst = 0
    compared = 0
    for file in files:
        try:
            model = onnx.load(file)
            check_structure(model)
            if is_within_reference(model):
                worst = max(worst, check_values(model, 1), check_values(model, 3))
                compared += 1
            operators.update(node.op_type for node in model.graph.node)
        except Exception as failure:
            raise SystemExit(f"{file}: {failure}") from failure
    if not files:
        raise SystemExit("no models in that folder")
    print(f"{len(files)} models are valid; {compared} compared, largest relative difference {worst:.1e}")
    print("operators:", ", ".join(sorted(operators)))


if __name__ == "__main__":
    main()
