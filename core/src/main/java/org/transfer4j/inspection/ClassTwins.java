package org.transfer4j.inspection;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.transfer4j.internal.label.LabelText;

/**
 * Two classes that are perhaps one: their names differ only in case, white space, invisible characters or Unicode form.
 *
 * @param first the one that comes first
 * @param second the other one
 */
public record ClassTwins(String first, String second) implements Finding {
    static List<ClassTwins> find(Subject subject) {
        List<String> names = subject.classNames();
        return IntStream.range(0, names.size())
                .boxed()
                .flatMap(i -> LabelText.twin(names.get(i), names.subList(0, i))
                        .map(first -> Stream.of(new ClassTwins(first, names.get(i))))
                        .orElse(Stream.empty()))
                .toList();
    }

    @Override
    public List<InspectedImage> images() {
        return List.of();
    }

    @Override
    public String note() {
        return "differ only in case, white space or Unicode form";
    }

    @Override
    public ClassTwins withoutPaths() {
        return this;
    }

    @Override
    public String toString() {
        return "classes '" + first + "' and '" + second + "': " + note();
    }
}
