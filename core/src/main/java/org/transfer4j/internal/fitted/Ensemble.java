package org.transfer4j.internal.fitted;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.error.ModelFileException;
import org.transfer4j.evaluation.ModelCard;
import org.transfer4j.internal.fitted.Answering.Answer;
import org.transfer4j.internal.format.modelfile.EnsembleArchive;
import org.transfer4j.internal.format.modelfile.ModelArchive.ModelContents;
import org.transfer4j.internal.image.DecodedImage;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.thread.NativeThreads;
import org.transfer4j.preprocessing.Views;
import org.transfer4j.training.TrainingHistory;

/** Classifiers of the same classes that answer as one, by the weighted mean of their probabilities. Owns them. */
public final class Ensemble implements Answering, AutoCloseable {
    private final List<Member> members;
    private final List<Double> given;
    private final double[] weights;
    private final List<String> classNames;
    private final AnswerKind kind;

    /**
     * One of them.
     *
     * @param outputs by the ensemble's class, where the member has it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Member(Fitted fitted, Inference inference, int[] outputs) {
        static Member of(Fitted fitted, List<String> classNames) {
            List<String> own = fitted.network().classNames();
            return new Member(
                    fitted,
                    new Inference(fitted),
                    classNames.stream().mapToInt(own::indexOf).toArray());
        }

        /** Its answer in the ensemble's order. */
        Answer ordered(Answer answer) {
            float[] probabilities = new float[outputs.length];
            for (int i = 0; i < outputs.length; i++) {
                probabilities[i] = answer.probabilities()[outputs[i]];
            }
            return new Answer(probabilities, Float.NaN, answer.mean());
        }
    }

    private Ensemble(List<Fitted> fitted, List<Double> given) {
        this.classNames = fitted.get(0).network().classNames();
        this.kind = fitted.get(0).network().plan().answers();
        this.members = fitted.stream().map(one -> Member.of(one, classNames)).toList();
        this.given = List.copyOf(given);
        double sum = given.stream().mapToDouble(Double::doubleValue).sum();
        this.weights = given.stream().mapToDouble(weight -> weight / sum).toArray();
    }

    /**
     * Makes several one.
     *
     * @param fitted classifiers, closed with it, or here if they are refused; the classes are in the order of the first
     * @param weights how much each counts
     * @throws IllegalArgumentException if they are too few or too many, or of different classes or kinds, or a weight is not
     *     finite and above 0
     */
    public static Ensemble of(List<Fitted> fitted, List<Double> weights) {
        try {
            check(fitted, weights);
            return new Ensemble(fitted, weights);
        } catch (RuntimeException | Error e) {
            fitted.forEach(one -> one.network().close());
            throw e;
        }
    }

    private static void check(List<Fitted> fitted, List<Double> weights) {
        if (fitted.size() < 2 || fitted.size() > EnsembleArchive.MOST) {
            throw new IllegalArgumentException(
                    "an ensemble is of 2 to " + EnsembleArchive.MOST + " classifiers, got " + fitted.size());
        }
        if (weights.size() != fitted.size() || !weights.stream().allMatch(weight -> weight > 0 && weight <= 1e6)) {
            throw new IllegalArgumentException("an ensemble of " + fitted.size()
                    + " classifiers has as many weights, each above 0 and at most 1,000,000, got " + weights);
        }
        FittedNetwork first = fitted.get(0).network();
        for (int i = 1; i < fitted.size(); i++) {
            FittedNetwork other = fitted.get(i).network();
            if (other.plan().answers() != first.plan().answers()) {
                throw new IllegalArgumentException(
                        "of an ensemble either all classifiers give each image one label, or all"
                                + " give several, but the first and number " + (i + 1) + " differ");
            }
            Set<String> differing = new TreeSet<>(first.classNames());
            differing.addAll(other.classNames());
            differing.removeIf(name ->
                    first.classNames().contains(name) && other.classNames().contains(name));
            if (!differing.isEmpty()) {
                throw new IllegalArgumentException(
                        "all classifiers of an ensemble have the same classes, but of the first and" + " number "
                                + (i + 1) + " one alone has " + differing);
            }
        }
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    /** How many classifiers it is of. */
    public int size() {
        return members.size();
    }

    @Override
    public AnswerKind kind() {
        return kind;
    }

    @Override
    public Answer answer(DecodedImage image, Views views) {
        try (image) {
            return Answer.mean(
                    members.stream()
                            .map(member -> member.ordered(member.inference().answerOpen(image, views)))
                            .toList(),
                    weights);
        }
    }

    @Override
    public List<Answer> answers(ImageDataset data, Views views) {
        return outputs(data, views).stream()
                .map(outputs -> new Answer(outputs, Float.NaN, true))
                .toList();
    }

    @Override
    public List<float[]> outputs(ImageDataset data, Views views) {
        List<List<Answer>> all = new ArrayList<>();
        for (Member member : members) {
            all.add(member.inference().outputs(data, views).stream()
                    .map(outputs -> member.ordered(new Answer(outputs, Float.NaN)))
                    .toList());
        }
        return IntStream.range(0, data.size())
                .mapToObj(i ->
                        Answer.mean(all.stream().map(answers -> answers.get(i)).toList(), weights))
                .map(Answer::probabilities)
                .toList();
    }

    /** What a reader of its evaluation wants to know. */
    public ModelCard card(Views views) {
        Map<String, String> facts = new LinkedHashMap<>();
        StringBuilder summaries = new StringBuilder();
        for (int i = 0; i < members.size(); i++) {
            ModelCard card = members.get(i).fitted().card(views);
            String number = (i + 1) + ". ";
            facts.put(number + "Weight", String.valueOf(given.get(i)));
            card.facts().forEach((name, value) -> facts.put(number + name, value));
            summaries
                    .append(number)
                    .append(card.title())
                    .append('\n')
                    .append(card.summary())
                    .append('\n');
        }
        return new ModelCard(
                "Ensemble of " + members.size() + " classifiers", TrainingHistory.empty(), summaries.toString(), facts);
    }

    /** Writes all of it into one file. */
    public void save(Path file) {
        List<ModelFile.Written> saved = new ArrayList<>();
        try {
            members.forEach(member -> saved.add(ModelFile.Written.of(member.fitted())));
            EnsembleArchive.write(
                    file,
                    new EnsembleArchive.Contents(
                            LibraryVersion.current(),
                            given,
                            saved.stream().map(ModelFile.Written::contents).toList()));
        } finally {
            saved.forEach(ModelFile.Written::close);
        }
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @throws ModelFileException if it is damaged, or something else
     * @throws org.transfer4j.error.MemoryLimitException if the networks together need more memory than there is
     */
    public static Ensemble read(Path file) {
        NativeMemory.apply();
        NativeThreads.applyToNd4j();
        return NativeMemory.guarded(() -> {
            List<ModelFile.Described> models = new ArrayList<>();
            EnsembleArchive.Contents contents =
                    EnsembleArchive.read(file, said -> ModelFile.refusing(file, () -> proven(file, said, models)));
            return ModelFile.refusing(
                    file,
                    () -> of(
                            each(
                                    models,
                                    contents.models(),
                                    ModelFile.Described::fitted,
                                    one -> one.network().close()),
                            contents.weights()));
        });
    }

    /** Reads it as {@link #read} does, but makes nothing that computes, as {@link ModelFile#check}. */
    public static void check(Path file) {
        NativeMemory.apply();
        NativeMemory.guarded(() -> {
            List<ModelFile.Described> models = new ArrayList<>();
            EnsembleArchive.Contents contents =
                    EnsembleArchive.read(file, said -> ModelFile.refusing(file, () -> proven(file, said, models)));
            return each(models, contents.models(), ModelFile.Described::checked, calibration -> {});
        });
    }

    /** All that can be known before memory is taken for the weights. */
    private static List<ModelFile.Described> proven(
            Path file, EnsembleArchive.Contents contents, List<ModelFile.Described> models) {
        for (ModelContents one : contents.models()) {
            models.add(ModelFile.Described.of(file, null, false, one));
        }
        NativeMemory.require(
                file,
                "an ensemble of " + models.size() + " networks",
                models.stream().mapToLong(ModelFile.Described::bytes).reduce(0, (sum, bytes) -> {
                    long next = sum + bytes;
                    return next < 0 ? Long.MAX_VALUE : next;
                }));
        return models;
    }

    /** Makes something of each model, or of none. */
    private static <T> List<T> each(
            List<ModelFile.Described> models,
            List<ModelContents> contents,
            BiFunction<ModelFile.Described, ModelContents, T> making,
            Consumer<T> closing) {
        List<T> all = new ArrayList<>();
        try {
            for (ModelContents one : contents) {
                all.add(making.apply(models.get(all.size()), one));
            }
            return all;
        } catch (RuntimeException | Error e) {
            contents.stream()
                    .skip(all.size() + 1L)
                    .flatMap(one -> one.weights().values().stream())
                    .forEach(INDArray::close);
            all.forEach(closing);
            throw e;
        }
    }

    /** In one line. */
    @Override
    public String toString() {
        return members.stream()
                .map(member -> member.fitted().network().plan().name())
                .collect(Collectors.joining(", ", "ensemble of ", " with the weights " + given));
    }

    @Override
    public void close() {
        members.forEach(member -> member.fitted().network().close());
    }
}
