package org.transfer4j.onnxruntime;

/** What becomes of a transformer's tokens, [N, tokens, D]: the features of an image. */
public enum Tokens {
    /** The first token, which has learned to stand for the image: D features. */
    CLASS,
    /** The mean of the tokens of the image's patches, without class token and registers: D features. */
    MEAN,
    /** Both, one after the other: 2 D features, as DINOv2's authors classify. */
    CLASS_AND_MEAN
}
