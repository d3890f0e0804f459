package org.transfer4j;

import java.nio.file.Path;
import org.transfer4j.internal.network.NetworkPlan;
import org.transfer4j.internal.onnx.OnnxContents;
import org.transfer4j.internal.onnx.OnnxExport;

/** A classifier as the contents of an ONNX model. */
final class ExportedOnnx {
    private ExportedOnnx() {}

    static void write(Path file, FittedNetwork network, OnnxOptions options) {
        NetworkPlan plan = network.plan();
        OnnxExport.write(
                file,
                new OnnxContents(
                        LibraryVersion.current(),
                        plan.name(),
                        plan.graph(),
                        network.parameters(),
                        plan.height(),
                        plan.width(),
                        network.preprocessing(),
                        options.preprocessingIncluded(),
                        network.classNames(),
                        options.opset()));
    }
}
