package org.transfer4j.internal.onednn;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Collects operations and hands out values. */
final class ProgramBuilder {
    private final Value input;
    private final List<Operation> operations = new ArrayList<>();
    private int nextId = 1;

    ProgramBuilder(ImageShape inputShape) {
        input = new Value(0, inputShape, false);
    }

    Value input() {
        return input;
    }

    /** Appends the operation that fills a new value of a shape. */
    Value append(ImageShape shape, Function<Value, Operation> operation) {
        Value output = new Value(nextId++, shape, false);
        operations.add(operation.apply(output));
        return output;
    }

    Program build(Value output) {
        return new Program(input, operations, output);
    }
}
