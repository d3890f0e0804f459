package org.transfer4j.internal.onnx;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.internal.network.Network;
import org.transfer4j.preprocessing.ImagePreprocessing;

/**
 * All that an ONNX model is made of.
 *
 * @param libraryVersion the version of the library that writes
 * @param backbone the backbone's name
 * @param network the whole network, from images to probabilities or numbers
 * @param parameters as {@code ParameterValues} has them; open until the model is written
 * @param preprocessing what the network's images undergo first
 * @param preprocessingIncluded whether that becomes a part of the model
 * @param labels the classes or targets in the order of the outputs
 * @param opset the version of ONNX' operators, one of {@link Opset}
 * @param temperature by which the inputs of the last softmax are divided
 * @param calibration metadata of a calibrated classifier
 * @param regression whether the outputs are numbers, and the labels their names
 */
public record OnnxContents(
        String libraryVersion,
        String backbone,
        Network network,
        Map<String, Map<String, INDArray>> parameters,
        ImagePreprocessing preprocessing,
        boolean preprocessingIncluded,
        List<String> labels,
        int opset,
        double temperature,
        Map<String, String> calibration,
        boolean regression) {}
