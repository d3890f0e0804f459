package org.transfer4j;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.IUpdater;
import org.transfer4j.backbone.Backbone;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.cache.FeatureCache;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.dataset.MultiLabelDataset;
import org.transfer4j.dataset.RegressionDataset;
import org.transfer4j.download.CachedFile;
import org.transfer4j.download.DownloadSettings;
import org.transfer4j.evaluation.CrossValidationReport;
import org.transfer4j.evaluation.EvaluationReport;
import org.transfer4j.evaluation.RegressionReport;
import org.transfer4j.head.Head;
import org.transfer4j.head.Probe;
import org.transfer4j.inspection.ImageEmbedding;
import org.transfer4j.internal.choose.Choosing;
import org.transfer4j.internal.choose.KnownBackbones;
import org.transfer4j.internal.choose.LabelLoop;
import org.transfer4j.internal.feature.IteratorSource;
import org.transfer4j.internal.fit.CrossValidation;
import org.transfer4j.internal.fit.Estimation;
import org.transfer4j.internal.fit.FeatureExtraction;
import org.transfer4j.internal.fit.Fit;
import org.transfer4j.internal.fit.ProbeFit;
import org.transfer4j.internal.fitted.Extractor;
import org.transfer4j.internal.fitted.Fitted;
import org.transfer4j.internal.label.LabelText;
import org.transfer4j.internal.memory.NativeMemory;
import org.transfer4j.internal.plan.AnswerKind;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.plan.SizedBackbone;
import org.transfer4j.internal.settings.BackboneParameters.LearnedStart;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.internal.settings.Settings;
import org.transfer4j.internal.settings.TrainingSettings;
import org.transfer4j.internal.settings.TrainingSettings.ClassWeights;
import org.transfer4j.preprocessing.Augmentation;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.training.Checkpoints;
import org.transfer4j.training.EarlyStopping;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.LearningRateCurve;
import org.transfer4j.training.Loss;
import org.transfer4j.training.Optimizer;
import org.transfer4j.training.Phase;
import org.transfer4j.training.TrainingEstimate;

/**
 * Describes a transfer of learning: a backbone, what of it is frozen, the head on it, and how it is trained.
 * {@link #fit(ImageDataset)} does the work and gives an {@link ImageClassifier}, {@link #fit(RegressionDataset)} an
 * {@link ImageRegressor}. Immutable: every step returns a new
 * learner, so that one can be kept and varied; the order of the steps does not matter, and the last call of a kind
 * wins.
 *
 * <pre>{@code
 * ImageClassifier classifier = TransferLearner.vgg16().freezeAll().head(10).fit(data);
 * }</pre>
 *
 * <p>Defaults: the backbone's pretrained weights, input size, preprocessing and head (for VGG a softmax layer on the
 * flattened features, for the other families on their means); {@link #freezeAll()}, and batch normalization of pretrained
 * weights {@linkplain #batchStatistics still} where it is trained; cross-entropy, Adam(1e-3), {@linkplain #epochs 10 epochs, or 1,000
 * steps of a head alone}, batch 32, seed 42, shuffled in every epoch, no validation.
 *
 * <p>Frozen layers are not trained and not run again: the network is cut above them, each image passes what is below
 * the cut once, and the epochs see only the features, kept in a temporary file (images x features x 4 bytes), or from
 * fit to fit with a {@link #featureCache}. Nothing frozen means that images are decoded anew in each epoch.
 *
 * <p>The same learner on the same data gives the same classifier, bit for bit, on the same machine. Where DL4J trains, the random
 * numbers of dropout come from ND4J's generator of the calling thread, which {@code fit} seeds.
 */
public final class TransferLearner implements ImageEmbedding {
    private final Settings settings;

    TransferLearner(Settings settings) {
        this.settings = settings;
    }

    /**
     * Starts from VGG16.
     *
     * @return a learner with the defaults
     * @see Backbone#vgg16()
     */
    public static TransferLearner vgg16() {
        return of(Backbone.vgg16());
    }

    /**
     * Starts from VGG19.
     *
     * @return a learner with the defaults
     * @see Backbone#vgg19()
     */
    public static TransferLearner vgg19() {
        return of(Backbone.vgg19());
    }

    /**
     * Starts from ResNet-50, the first version as in Keras.
     *
     * @return a learner with the defaults
     * @see Backbone#resNet50()
     */
    public static TransferLearner resNet50() {
        return of(Backbone.resNet50());
    }

    /**
     * Starts from ResNet-18, as in torchvision, for which a weights file must be named.
     *
     * @return a learner with the defaults
     * @see Backbone#resNet18()
     */
    public static TransferLearner resNet18() {
        return of(Backbone.resNet18());
    }

    /**
     * Starts from MobileNetV2.
     *
     * @return a learner with the defaults
     * @see Backbone#mobileNetV2()
     */
    public static TransferLearner mobileNetV2() {
        return of(Backbone.mobileNetV2());
    }

    /**
     * Starts from EfficientNet-B0.
     *
     * @return a learner with the defaults
     * @see Backbone#efficientNetB0()
     */
    public static TransferLearner efficientNetB0() {
        return of(Backbone.efficientNetB0());
    }

    /**
     * Starts from DenseNet-121.
     *
     * @return a learner with the defaults
     * @see Backbone#denseNet121()
     */
    public static TransferLearner denseNet121() {
        return of(Backbone.denseNet121());
    }

    /**
     * Starts from a small VGG for small images.
     *
     * @return a learner with the defaults
     * @see Backbone#tinyVgg()
     */
    public static TransferLearner tinyVgg() {
        return of(Backbone.tinyVgg());
    }

    /**
     * Starts from a small residual network for photographs.
     *
     * @return a learner with the defaults
     * @see Backbone#tinyResNet()
     */
    public static TransferLearner tinyResNet() {
        return of(Backbone.tinyResNet());
    }

    /**
     * Starts from any backbone. Of one that was taken from a network, such as {@link Backbone#keras}, the weights that came
     * with it are what {@link Weights#pretrained()} means.
     *
     * @param backbone the network to transfer from
     * @return a learner with the defaults
     * @throws IllegalArgumentException if its graph has not one input and one output, or lacks the layer that
     *     {@link Backbone#upTo} names
     * @throws org.transfer4j.error.TransferException if its file is damaged, holds no network, or one with layers that
     *     can't be computed
     */
    public static TransferLearner of(Backbone backbone) {
        Objects.requireNonNull(backbone, "backbone");
        NativeMemory.apply();
        SizedBackbone.of(backbone, backbone.inputHeight(), backbone.inputWidth());
        return new TransferLearner(Settings.of(backbone));
    }

    /**
     * Chooses backbone, cut, input size and head by the data, among the backbones at hand: those whose weights are in the jar
     * ({@link #tinyResNet()}, {@link #tinyVgg()}) or were fetched into the cache folder before. Nothing is fetched.
     *
     * <pre>{@code
     * LearnerChoice choice = TransferLearner.choose(photos, Duration.ofMinutes(2));
     * System.out.println(choice);
     * ImageClassifier classifier = choice.learner().probe(photos);
     * }</pre>
     *
     * @param data labelled images of two classes or more
     * @param budget how long it may take
     * @return the chosen learner, and all that was tried
     * @throws IllegalArgumentException as {@link #choose(ImageDataset, Duration, List)}
     * @throws org.transfer4j.error.TransferException as {@link #choose(ImageDataset, Duration, List)}
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public static LearnerChoice choose(ImageDataset data, Duration budget) {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(budget, "budget");
        List<CachedFile> cached = WeightsCache.of(DownloadSettings.defaults()).list();
        return choose(
                data,
                budget,
                KnownBackbones.atHand(cached).stream().map(TransferLearner::of).toList());
    }

    /**
     * Chooses cut, input size and head by the data, and one of some learners. Of each, up to four block ends from the top
     * ({@link Backbone#cutPoints()}) are tried, its input size and 1/2, 3/4, 3/2 and 2 times that (in multiples of 8 pixels; the
     * larger ones up to 128 pixels), and as heads {@link Head#globalAveragePooling()} and, up to 2,048 features,
     * {@link Head#flatten()}; weights, preprocessing and all else stay as they were told. A network of one's own
     * ({@link Backbone#keras} and the like) keeps its size.
     *
     * <p>All are judged by few images first (a sixteenth, ten a class at the least), the better half by twice as many, and so on up to all of them (K. Jamieson and
     * A. Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", 2016): by the accuracy of
     * {@linkplain #probe(ImageDataset) probes} in five-fold cross-validation. One pass of an image through a backbone serves all cuts and
     * heads, and the features of one round are kept for the next.
     *
     * <p>The {@link #seed} of the first learner says which images come first. A round is begun if, by what the ones before took, it
     * will be over in time, and the two best could be judged by all images after it. Where that is not so, the last round comes
     * sooner, for as many of the best as can be judged by all images in time, two at the least; where not even two can, rounds go
     * on as far as time allows. So the same data gives the same choice always where time suffices for all rounds
     * ({@link LearnerChoice#isComplete()}), and mostly elsewhere; how much of the budget is used or passed is a matter of the
     * estimate.
     *
     * @param data labelled images of two classes or more, two images of one of them
     * @param budget how long it may take
     * @param learners what there is to choose from
     * @return the chosen learner, and all that was tried
     * @throws IllegalArgumentException if the budget is not positive or, as is seen after the cheaper half of the first round, too short
     *     for that (the message says what it needs); if there are no learners, one contradicts the data, or goes on from a
     *     classifier
     * @throws org.transfer4j.error.TransferException if an image, a label or the weights can't be used, memory does not
     *     suffice, fewer than two classes have images, or no class has two
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public static LearnerChoice choose(ImageDataset data, Duration budget, List<TransferLearner> learners) {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(budget, "budget");
        Objects.requireNonNull(learners, "learners");
        learners.forEach(learner -> Objects.requireNonNull(learner, "learner"));
        return new LearnerChoice(
                Choosing.run(learners.stream().map(TransferLearner::settings).toList(), data, budget));
    }

    private TransferLearner with(Settings.NetworkSettings network) {
        return new TransferLearner(settings.with(network));
    }

    private TransferLearner with(Settings.Data data) {
        return new TransferLearner(settings.with(data));
    }

    private TransferLearner with(TrainingSettings training) {
        return new TransferLearner(settings.with(training));
    }

    private TransferLearner with(Settings.Keeping keeping) {
        return new TransferLearner(settings.with(keeping));
    }

    /** All that it was told. */
    Settings settings() {
        return settings;
    }

    private Settings.NetworkSettings network() {
        return settings.network();
    }

    private Settings.Data data() {
        return settings.data();
    }

    private TrainingSettings training() {
        return settings.training();
    }

    private Settings.Keeping keeping() {
        return settings.keeping();
    }

    /**
     * Sets where the backbone's weights come from.
     *
     * @param weights pretrained ones, a file, or random ones; default {@link Weights#pretrained()}
     * @return a new learner
     */
    public TransferLearner weights(Weights weights) {
        return with(network().with(network().origin().withWeights(Objects.requireNonNull(weights, "weights"))));
    }

    /**
     * Sets the size to which images are resized.
     *
     * @param height pixels
     * @param width pixels
     * @return a new learner
     * @throws IllegalArgumentException if it is under the backbone's minimum (32x32 for VGG16)
     */
    public TransferLearner inputSize(int height, int width) {
        return with(network().withSize(height, width));
    }

    /**
     * Sets what is done to pixels after resizing.
     *
     * @param preprocessing default: what the backbone's pretrained weights expect
     * @return a new learner
     */
    public TransferLearner preprocessing(ImagePreprocessing preprocessing) {
        return with(data().withPreprocessing(Objects.requireNonNull(preprocessing, "preprocessing")));
    }

    /**
     * Changes training images at random; those for validation, prediction and {@link #features} stay as they are. What
     * is done to an image in an epoch follows from the {@link #seed}, the image's number in the training data and the
     * epoch alone, not from threads or batch size.
     *
     * <p>With nothing frozen, images are decoded and augmented anew in each epoch. Below frozen layers, every other
     * image costs another pass through them: {@link #cachedVariants} (the default, 4) or {@link #freshPasses} say what
     * to spend.
     *
     * @param augmentation what to do; default {@link Augmentation#none()}
     * @return a new learner
     */
    public TransferLearner augmentation(Augmentation augmentation) {
        return with(data().withAugmentation(Objects.requireNonNull(augmentation, "augmentation")));
    }

    /**
     * With augmentation and frozen layers, computes the features of a fixed number of variants of each training image,
     * which the epochs see in turn: epoch e the variant (e - 1) mod count. That takes count times the time of a pass
     * without augmentation, and on disk count x images x features x 4 bytes; the epochs stay as fast as without. A
     * {@link #featureCache} keeps the variants for fits of the same augmentation and seed on the same images in the same
     * places. With mixUp or cutMix, images are mixed before they pass the layers: each variant has one partner, drawn
     * anew where the number of images changes.
     *
     * <p>With a DL4J iterator and nothing frozen it is the images themselves that are kept in so many variants, in a
     * temporary file.
     *
     * @param count 1 to 1000; default 4
     * @return a new learner
     * @throws IllegalArgumentException for another count
     */
    public TransferLearner cachedVariants(int count) {
        if (count < 1 || count > 1000) {
            throw new IllegalArgumentException("cachedVariants must be within 1 and 1000, got " + count);
        }
        return with(data().withVariants(count));
    }

    /**
     * With augmentation and frozen layers, runs the training images through these in every epoch, augmented anew: as
     * many variants as epochs. That takes epochs times the time of a pass without augmentation (VGG16 at 224x224 does
     * tens of images in a second on two cores) and nothing on disk; {@link #featureCache} keeps the validation images'
     * features only, and listeners hear of no feature pass for the training images. Where there are no more epochs than
     * {@link #cachedVariants} the result is the same.
     *
     * @return a new learner; it can't be fitted to a DL4J iterator, which is read but once
     */
    public TransferLearner freshPasses() {
        return with(data().withVariants(0));
    }

    /**
     * Freezes the whole backbone: only the head is trained. The default.
     *
     * @return a new learner
     */
    public TransferLearner freezeAll() {
        return withFreeze(Freeze.ALL);
    }

    /**
     * Freezes the backbone up to a layer; what is above it is trained with the head.
     *
     * @param layer the last frozen layer, for example {@code "block4_pool"}
     * @return a new learner
     * @throws IllegalArgumentException if there is no such layer (the message lists the names), or if a connection
     *     leads around it
     */
    public TransferLearner freezeUpTo(String layer) {
        Freeze upTo = Freeze.upTo(layer);
        network().sized().lastFrozen(upTo);
        return withFreeze(upTo);
    }

    /**
     * Freezes nothing: the whole network is trained.
     *
     * @return a new learner
     */
    public TransferLearner unfreezeAll() {
        return withFreeze(Freeze.NONE);
    }

    private TransferLearner withFreeze(Freeze freeze) {
        return new TransferLearner(
                settings.with(network().withFreeze(freeze)).with(training().withPhases(List.of())));
    }

    /**
     * Trains in phases: first the head, say, then more and more of the backbone at lower rates. Takes the place of the
     * freeze steps, as each of these takes the place of the phases.
     *
     * <p>From phase to phase weights, the optimizer's memory (moments, its count of steps) and the numbers of epochs are
     * carried on; a schedule, early stopping and the choice of the best epoch begin anew. A phase may have images of
     * another size, with a head that does not depend on it; the classifier takes those of the last one. What is below a phase's lowest
     * trained layer runs once and is kept, as in a plain fit; batch normalization there stays as it was learned.
     * {@link #summary()} shows the last phase.
     *
     * @param phases one or more; each trains at least what the one before trained
     * @return a new learner
     * @throws IllegalArgumentException if a phase names a layer that is not there (the message lists those that are) or
     *     around which a connection leads, gives a factor to a block that it does not train, or trains less than the one
     *     before
     */
    public TransferLearner fineTune(Phase... phases) {
        Objects.requireNonNull(phases, "phases");
        if (phases.length == 0) {
            throw new IllegalArgumentException("a fine-tuning needs one phase or more, got none");
        }
        for (Phase phase : phases) {
            Objects.requireNonNull(phase, "phase");
        }
        Settings phased = settings.with(training().withPhases(List.of(phases)));
        return new TransferLearner(phased.with(network().withFreeze(phased.lastFreeze())));
    }

    /**
     * Sets by what trained batch normalization layers normalize. By the moving mean and variance, they compute in
     * training what they compute in prediction: these statistics stay as they were learned, while scale and shift learn.
     * That is what Keras' guide to transfer learning advises for fine-tuning ({@code training=False}): statistics of small
     * batches of other images would undo what the layers above have learned. By the batch's own statistics, the moving
     * ones follow by the layer's momentum, as in training from scratch: the variance as it is in the batch, as in Keras 3,
     * also in PyTorch's networks, where PyTorch has it n/(n-1) times as large, of n values of a channel. Layers that are
     * frozen keep theirs in any case.
     *
     * <p>The classifier remembers it, also in its file, and {@link ImageClassifier#learner()} goes on with it.
     *
     * @param batchStatistics whether by the batch's statistics; default: only where the backbone's weights are
     *     {@linkplain Weights#random() random}
     * @return a new learner
     * @see <a href="https://keras.io/guides/transfer_learning/">Keras: Transfer learning and fine-tuning</a>
     */
    public TransferLearner batchStatistics(boolean batchStatistics) {
        return with(network().withBatchStatistics(batchStatistics));
    }

    /**
     * Sets in what numbers the network computes. With {@link Precision#BFLOAT16} it is the frozen layers and, as in Keras'
     * {@code mixed_bfloat16}, the convolutional layers that are trained; weights, their gradients and sums stay float, and
     * so does the head. The classifier remembers it, also in its file, and predicts so. A machine that lacks it computes
     * in float, and the log says so; predictions then differ a little from those of the machine that trained.
     *
     * @param precision default {@link Precision#FLOAT32}
     * @return a new learner
     */
    public TransferLearner precision(Precision precision) {
        return with(network().withPrecision(Objects.requireNonNull(precision, "precision")));
    }

    /**
     * Tunes the frozen layers to this machine: the algorithm of each convolution is what measured fastest here, not what
     * the library's table says, which was measured on another CPU with AVX-512 and is seldom far off. It takes some seconds
     * whenever a network is put together (VGG16 at 224x224: about ten), and makes a difference only for 3x3 convolutions
     * in float on oneDNN with AVX-512; elsewhere there is one algorithm.
     *
     * <p>The classifier remembers the choices, also in its file, and what goes on from it takes them over. Two fits may
     * choose differently and then differ in the features' last bits (about 1e-6), so that with this setting the same seed
     * no longer gives the same bits; nor does a training that goes on from a checkpoint. Cached features of
     * choices that are not the table's are kept apart.
     *
     * @return a new learner
     */
    public TransferLearner tuned() {
        return with(network().withAlgorithms(network().algorithms().andMeasured()));
    }

    /**
     * Puts a softmax layer on the flattened features.
     *
     * @param classes the number of classes, 2 or more
     * @return a new learner
     */
    public TransferLearner head(int classes) {
        return head(Head.flatten().classes(classes));
    }

    /**
     * Sets the head.
     *
     * @param head the layers on the backbone, default {@link Backbone#defaultHead()}; without {@link Head#classes} it gets as many classes as the data has
     * @return a new learner
     */
    public TransferLearner head(Head head) {
        return with(network().withHead(Objects.requireNonNull(head, "head")));
    }

    /**
     * Leaves out classes that the classifier has learned from which this learner {@linkplain ImageClassifier#learner()
     * goes on}; without this call all of them stay in the output, also those of which there are no more images. The class
     * weights of what is left out are left out too.
     *
     * @param names names of {@link ImageClassifier#classNames()}; all of them for an output layer that begins anew. Default:
     *     none
     * @return a new learner; {@code fit} refuses data with images of these classes
     * @throws IllegalArgumentException if a class was not learned, or this learner does not go on from a classifier
     */
    public TransferLearner dropClasses(Collection<String> names) {
        Objects.requireNonNull(names, "names");
        names.forEach(name -> Objects.requireNonNull(name, "name"));
        List<String> dropped = names.stream().map(LabelText::normal).distinct().toList();
        List<String> learned = network()
                .start()
                .map(LearnedStart::learned)
                .orElseThrow(() -> new IllegalArgumentException(
                        "only a learner that goes on from a classifier, ImageClassifier.learner(), has classes to drop, got "
                                + dropped));
        if (!learned.containsAll(dropped)) {
            throw new IllegalArgumentException("the classes " + learned + " were learned, got " + dropped + " to drop");
        }
        return new TransferLearner(settings.with(
                        network().with(network().origin().withDroppedClasses(dropped)))
                .with(training().withClassWeights(training().classWeights().without(dropped))));
    }

    /**
     * Sets the optimizer. Where neither it nor {@link #epochs} is given, a head that learns alone, in a plain fit, from kept
     * features whose root mean square is below 0.2 or above 2, learns from them less their means and divided by their
     * common deviation, which is folded into its first layer afterwards; else features are taken as they are.
     *
     * @param optimizer default {@code Optimizer.adam(1e-3)}
     * @return a new learner
     */
    public TransferLearner optimizer(Optimizer optimizer) {
        return with(training().withOptimizer(Objects.requireNonNull(optimizer, "optimizer")));
    }

    /**
     * Sets the optimizer to any updater of ND4J.
     *
     * @param updater the updater; it is cloned
     * @return a new learner
     */
    public TransferLearner optimizer(IUpdater updater) {
        Objects.requireNonNull(updater, "updater");
        return optimizer(Optimizer.of(updater));
    }

    /**
     * Sets what the training makes small.
     *
     * @param loss default {@link Loss#crossEntropy()}, with a {@link Head#multiLabel() multi-label} head
     *     {@link Loss#binaryCrossEntropy()}, of numbers {@link Loss#meanSquaredError()}
     * @return a new learner
     */
    public TransferLearner loss(Loss loss) {
        return with(training().withLoss(Optional.of(Objects.requireNonNull(loss, "loss"))));
    }

    /**
     * Sets how much the images of each class count in training, as Keras' {@code class_weight} does: the loss of an
     * image, and with it its gradient, is multiplied by the weight of its class, and the mean is taken over the number of
     * images. With a {@link Head#multiLabel() multi-label} head, a class's weight multiplies the loss where the image has
     * the class, not where it has not, as PyTorch's {@code pos_weight}. The reported training loss has the weights in it, validation and evaluation have not.
     *
     * @param weights positive, by class name; a class that is not named has 1
     * @return a new learner
     * @throws IllegalArgumentException if a weight is not positive and finite; {@code fit} throws it, before any work, if
     *     a name is no class of the data
     */
    public TransferLearner classWeights(Map<String, Double> weights) {
        Objects.requireNonNull(weights, "weights");
        return with(training().withClassWeights(ClassWeights.of(weights)));
    }

    /**
     * Lets the images of rare classes count more, so that all classes count alike: each class has the weight images /
     * (classes * images of the class), counted in the training data, as scikit-learn's {@code class_weight="balanced"}.
     * With a {@link Head#multiLabel() multi-label} head it is images without the class / images with it, where there are
     * both. Needs an {@link ImageDataset} or a {@link MultiLabelDataset}.
     *
     * @return a new learner
     * @see #classWeights
     */
    public TransferLearner balancedClassWeights() {
        return with(training().withClassWeights(ClassWeights.BALANCED));
    }

    /**
     * Sets how often the training images are gone through. Without it, a head that learns alone, from kept features, goes
     * through them until it has taken 1,000 steps, but at least 10 and at most 250 times: its epochs cost next to nothing,
     * and few images make few steps. Where an image has 1,024 features or fewer, it is 100 times, but at least 3,000 and at
     * most 30,000 steps, within the same 10 to 250 times. Where layers of the backbone are trained, or images pass the
     * frozen ones in every epoch ({@link #freshPasses}), it is 10 times.
     *
     * @param epochs 1 or more; default as above
     * @return a new learner
     */
    public TransferLearner epochs(int epochs) {
        return with(training().withEpochs(OptionalInt.of(atLeastOne("epochs", epochs))));
    }

    /**
     * Sets how many images make one update of the weights.
     *
     * @param batchSize 1 or more; default 32
     * @return a new learner
     */
    public TransferLearner batchSize(int batchSize) {
        return with(training().withBatchSize(atLeastOne("batchSize", batchSize)));
    }

    private static int atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be 1 or more, got " + value);
        }
        return value;
    }

    /**
     * Sets what all random choices follow: starting weights, the order of the images, dropout, augmentation, the
     * validation split.
     *
     * @param seed any number; default 42
     * @return a new learner
     */
    public TransferLearner seed(long seed) {
        return with(data().withSeed(seed));
    }

    /**
     * Measures loss and accuracy on these images after each epoch.
     *
     * @param data images of the same classes (or some of them) as the training images
     * @return a new learner
     */
    public TransferLearner validation(ImageDataset data) {
        return with(data().withValidation(new LearningData.OneLabel(Objects.requireNonNull(data, "data"))));
    }

    /**
     * Measures loss and accuracy (the part of all images and classes that is right, as Keras' {@code binary_accuracy}) on
     * these images after each epoch.
     *
     * @param data images of the same classes (or some of them) as the training images
     * @return a new learner
     */
    public TransferLearner validation(MultiLabelDataset data) {
        return with(data().withValidation(new LearningData.SeveralLabels(Objects.requireNonNull(data, "data"))));
    }

    /**
     * Measures the loss on these images after each epoch.
     *
     * @param data images with the same targets as the training images
     * @return a new learner
     */
    public TransferLearner validation(RegressionDataset data) {
        return with(data().withValidation(new LearningData.Numbers(Objects.requireNonNull(data, "data"))));
    }

    /**
     * Measures loss and accuracy on these images after each epoch.
     *
     * @param data pixels and labels as for {@link #fit(DataSetIterator)}; read once in each phase: {@code fit} refuses one that
     *     can't be reset where there are several
     * @return a new learner
     */
    public TransferLearner validation(DataSetIterator data) {
        return with(data().withValidation(iterated(data)));
    }

    /**
     * Takes some of the training images, the same fraction of each class where there are classes, for validation.
     *
     * @param fraction between 0 and 1, both excluded
     * @return a new learner
     */
    public TransferLearner validationSplit(double fraction) {
        if (!(fraction > 0 && fraction < 1)) {
            throw new IllegalArgumentException("validationSplit must be between 0 and 1, got " + fraction);
        }
        return with(data().withValidation(fraction));
    }

    /**
     * Keeps the frozen layers' features on disk from fit to fit, also for other learners and processes: what was computed
     * once is read again. The result is the same with and without it.
     *
     * @param cache where; default none: features are kept in a temporary file, for one fit
     * @return a new learner
     */
    public TransferLearner featureCache(FeatureCache cache) {
        return with(keeping().with(Objects.requireNonNull(cache, "cache")));
    }

    /**
     * Ends the training when it no longer gets better, and keeps the weights of the best epoch.
     *
     * @param rule when; default none: all epochs are trained, and the last weights are kept
     * @return a new learner; {@code fit} refuses a rule on validation figures without validation images
     */
    public TransferLearner earlyStopping(EarlyStopping rule) {
        return with(training().withEarlyStopping(Optional.of(Objects.requireNonNull(rule, "rule"))));
    }

    /**
     * Keeps an exponential moving average of the weights, and of the running statistics of batch normalization, over the
     * steps of a phase, and takes it in place of the weights for validation, for what is saved and for the classifier:
     * less noise in the weights, most useful where a whole network learns for many epochs. It is PyTorch's
     * {@code torch.optim.swa_utils.get_ema_multi_avg_fn(decay)} with {@code use_buffers=True}: after a phase's first step
     * the average is the weights, after each further one {@code decay * average + (1 - decay) * weights}. It looks back
     * over about 1 / (1 - decay) steps; where a phase has fewer than a few times as many, the average lags behind what was
     * learned. Costs one more copy of what is
     * trained in memory.
     *
     * @param decay between 0 and 1, both excluded, for example 0.999; default none: the last weights are taken
     * @return a new learner
     * @throws IllegalArgumentException for another decay
     */
    public TransferLearner averageWeights(double decay) {
        if (!(decay > 0 && decay < 1)) {
            throw new IllegalArgumentException("the decay of averageWeights must be between 0 and 1, got " + decay);
        }
        return with(training().withAverageDecay(OptionalDouble.of(decay)));
    }

    /**
     * Leaves what a training needs to go on after the process was killed, and goes on from it where it is there.
     *
     * @param checkpoints where and how often; default none
     * @return a new learner; {@code fit} refuses a folder with another training's checkpoint, one that another training writes to now,
     *     and a DataSetIterator
     */
    public TransferLearner checkpoints(Checkpoints checkpoints) {
        return with(keeping().with(Objects.requireNonNull(checkpoints, "checkpoints")));
    }

    /**
     * Adds a listener; each call adds one more. One that fails is reported, and ends nothing: see {@link FitListener}.
     *
     * @param listener is told how a fit goes, for example {@link org.transfer4j.training.TerminalProgress}
     * @return a new learner
     */
    public TransferLearner listener(FitListener listener) {
        return with(keeping().and(Objects.requireNonNull(listener, "listener")));
    }

    /**
     * Adds a listener of DL4J; each call adds one more. It hears of the layers that are trained, as a ComputationGraph from
     * the cut to the output: its steps and epochs, with the score, weights, gradients and updater's state of the training,
     * and the outputs of its dense layers and of what is right below them. Where oneDNN trains, these are copies: what is
     * written into them is not learned from. It changes no numbers but the last bits of a dense head under plain gradient
     * descent, whose gradients are written down for it alone. One that fails is reported once, as a warning in the log, and
     * ends nothing; a {@link java.util.concurrent.CancellationException} ends the fit.
     *
     * @param listener for example DL4J's {@code ScoreIterationListener}
     * @return a new learner
     */
    public TransferLearner listener(TrainingListener listener) {
        return with(keeping().and(Objects.requireNonNull(listener, "listener")));
    }

    /**
     * Trains a classifier. The log warns of classes without images, in the training and in the validation data.
     *
     * <p>The same data, settings and seed give the same bits, however busy the machine is, as long as the version of this
     * library, the CPU and the number of threads ({@code -Dtransfer4j.threads}, else the cores) are the same: sums are split
     * among threads, and another number of them gives other last bits, which training may make larger.
     *
     * @param data labelled images of two classes or more; {@link ImageDataset#limit} of a folder, which is in the order of
     *     its classes, may leave one
     * @return the classifier, to be closed by the caller
     * @throws IllegalArgumentException if the data contradicts this learner, before any work
     * @throws org.transfer4j.error.TransferException if an image, a label or the weights can't be used, and before any
     *     work if fewer than two classes have images
     * @throws java.io.UncheckedIOException if the features can't be kept, in the temporary folder or the cache
     * @throws org.transfer4j.error.CheckpointException if the folder of {@link #checkpoints} has another training's
     *     checkpoint, a damaged one, or another training that writes to it now
     * @throws TrainingStoppedException if the training diverged, a checkpoint could not be written, a listener asked for
     *     the end, or the thread was interrupted, which it stays
     * @throws java.util.concurrent.CancellationException if the thread was interrupted before there was anything to stop,
     *     while weights were fetched
     */
    public ImageClassifier fit(ImageDataset data) {
        Objects.requireNonNull(data, "data");
        return fit(new LearningData.OneLabel(data), ImageClassifier::new);
    }

    /**
     * Trains a classifier of images that have any number of labels each; the head must be a
     * {@linkplain Head#multiLabel() multi-label} one.
     *
     * <pre>{@code
     * learner.head(Head.globalAveragePooling().multiLabel()).fit(photos).predict(image).labels();
     * }</pre>
     *
     * <p>The accuracy that is reported by epoch is the part of all images and classes that is right at the threshold one
     * half, as Keras' {@code binary_accuracy}; {@link ImageClassifier#evaluate(MultiLabelDataset)} tells more.
     *
     * @param data labelled images, with two labels or more among them, or one that some of the images are without
     * @return the classifier, to be closed by the caller
     * @throws IllegalArgumentException if the data contradicts this learner, before any work
     * @throws org.transfer4j.error.TransferException if an image, a label or the weights can't be used
     * @throws java.io.UncheckedIOException as {@link #fit(ImageDataset)}
     * @throws org.transfer4j.error.CheckpointException as {@link #fit(ImageDataset)}
     * @throws TrainingStoppedException if the training diverged, a checkpoint could not be written, a listener asked for
     *     the end, or the thread was interrupted, which it stays
     * @throws java.util.concurrent.CancellationException if the thread was interrupted before there was anything to stop,
     *     while weights were fetched
     */
    public ImageClassifier fit(MultiLabelDataset data) {
        Objects.requireNonNull(data, "data");
        return fit(new LearningData.SeveralLabels(data), ImageClassifier::new);
    }

    /**
     * Trains a classifier on the data of a DL4J iterator, which is read once, from its start where it can be reset.
     *
     * @param data its own preprocessor runs first; then features are pixels [N, 1 or 3, H, W] (RGB, 0..255), labels
     *     one-hot [N, classes], or multi-hot with a {@link Head#multiLabel() multi-label} head; class names come from {@code getLabels()}, else they are the indices
     * @return the classifier, to be closed by the caller
     * @throws IllegalArgumentException if the data contradicts this learner
     * @throws org.transfer4j.error.TransferException if an image or the weights can't be used
     * @throws TrainingStoppedException if the training diverged, a checkpoint could not be written, a listener asked for
     *     the end, or the thread was interrupted, which it stays
     * @throws java.util.concurrent.CancellationException if the thread was interrupted before there was anything to stop,
     *     while weights were fetched
     */
    public ImageClassifier fit(DataSetIterator data) {
        return fit(iterated(data), ImageClassifier::new);
    }

    private static LearningData iterated(DataSetIterator data) {
        return new LearningData.Iterated(new IteratorSource(Objects.requireNonNull(data, "data")));
    }

    /**
     * Trains a regressor, which gives images numbers. The head's output layer is linear, with an output for each target: a head of
     * which nothing was said of classes becomes one of {@link Head#regression()}.
     *
     * <pre>{@code
     * ImageRegressor regressor = TransferLearner.tinyResNet().fit(RegressionDataset.csv(Path.of("faces.csv")));
     * double age = regressor.predict(photo).value("age");
     * }</pre>
     *
     * <p>Targets are standardized while it learns: of each its mean in the training data is taken off, and it is divided by its
     * deviation there. Both are folded into the output layer at the end, so that the regressor, what it saves and what it exports
     * give the targets' own units. Losses that are reported by epoch are those of standardized targets, whose mean squared error
     * is 1 where the mean alone is predicted; {@link ImageRegressor#evaluate} tells more, in the targets' units.
     *
     * <p>{@code mixUp} and {@code cutMix} mix the numbers too, in proportion. Class weights are for classes.
     *
     * @param data images with one number or more each, of which none is the same for all
     * @return the regressor, to be closed by the caller
     * @throws IllegalArgumentException if the data contradicts this learner, before any work
     * @throws org.transfer4j.error.TransferException if an image or the weights can't be used, and before any work if a target is
     *     the same for all training images
     * @throws java.io.UncheckedIOException as {@link #fit(ImageDataset)}
     * @throws org.transfer4j.error.CheckpointException as {@link #fit(ImageDataset)}
     * @throws TrainingStoppedException if the training diverged, a checkpoint could not be written, a listener asked for
     *     the end, or the thread was interrupted, which it stays
     * @throws java.util.concurrent.CancellationException if the thread was interrupted before there was anything to stop,
     *     while weights were fetched
     */
    public ImageRegressor fit(RegressionDataset data) {
        Objects.requireNonNull(data, "data");
        return fit(new LearningData.Numbers(data), ImageRegressor::new);
    }

    private <M extends FittedModel<?>> M fit(LearningData data, Function<Fitted, M> model) {
        Fit.Outcome outcome = Fit.run(settings, data);
        M fitted = model.apply(outcome.fitted());
        outcome.early().ifPresent(early -> {
            throw new TrainingStoppedException(early.reason(), fitted, early);
        });
        return fitted;
    }

    /**
     * Fits a linear probe: a logistic regression on the features of the whole backbone, without epochs and without
     * settings. The features are standardized, the L2 penalty is the best of ten by five-fold cross-validation (C from 1e-4 to 1e4, by
     * the accuracy on what is held out, of equal ones by the loss; stratified, as scikit-learn's
     * {@code LogisticRegressionCV}; the log tells them), and the weights are found by L-BFGS in seconds. All of it is folded into the output layer, so that the classifier is one
     * like any other.
     *
     * <p>Backbone, weights, input size, preprocessing, the head's first layer, class weights and {@link #featureCache} are
     * used. Nothing of the backbone is trained, whatever is to be frozen; optimizer, epochs, batch size, seed, augmentation,
     * validation and checkpoints don't matter, and the history is empty. The features of all images are in memory at
     * once, images x features x 4 bytes. A class with fewer images than there are parts is not in all of them, of which the
     * log warns; with one image a class, C is 1.
     *
     * @param data labelled images of two classes or more
     * @return the classifier, to be closed by the caller
     * @throws IllegalArgumentException if the head has dense layers or several labels, the loss is not plain cross-entropy,
     *     the data contradicts this learner, or there are more features than arrays or the heap can hold, before any work
     * @throws org.transfer4j.error.TransferException if an image, a label or the weights can't be used, and before any
     *     work if fewer than two classes have images or memory does not suffice
     * @throws java.io.UncheckedIOException if the features can't be kept, in the temporary folder or the cache
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public ImageClassifier probe(ImageDataset data) {
        return probe(data, Probe.LOGISTIC);
    }

    /**
     * Finds the output layer in another way than {@link #probe(ImageDataset)}, with the same rules: class weights matter to
     * {@link Probe#LOGISTIC} alone.
     *
     * @param data labelled images of two classes or more
     * @param probe how
     * @return the classifier, to be closed by the caller
     * @throws IllegalArgumentException as {@link #probe(ImageDataset)}
     * @throws org.transfer4j.error.TransferException as {@link #probe(ImageDataset)}
     * @throws java.io.UncheckedIOException as {@link #probe(ImageDataset)}
     * @throws java.util.concurrent.CancellationException as {@link #probe(ImageDataset)}
     */
    public ImageClassifier probe(ImageDataset data, Probe probe) {
        Objects.requireNonNull(data, "data");
        Objects.requireNonNull(probe, "probe");
        return new ImageClassifier(ProbeFit.run(settings, data, probe));
    }

    /**
     * Fits a linear probe of numbers: a ridge regression on the features of the whole backbone, in closed form, with the rules of
     * {@link #probe(ImageDataset)}. The features are standardized, and the L2 penalty of each target is that one of ten, 1e-3 to
     * 1e6, whose squared error is least where each image is left out once, as scikit-learn's {@code RidgeCV} finds it; the log
     * tells them. Images that are nearly alike, as in a film, are no good judges of each other then: their errors come out too
     * small, and so may the penalty. All of it is folded into the output layer, so that the regressor gives the targets' own
     * units and is one like any other.
     *
     * <p>Beside the features it needs the products of features, or of images where these are fewer, with each other: about 24
     * times the square of that number, in bytes, and time that grows with its third power.
     *
     * @param data images with one number or more each, of which none is the same for all
     * @return the regressor, to be closed by the caller
     * @throws IllegalArgumentException if the head has dense layers or gives classes, the loss is another than the mean squared
     *     error, the data contradicts this learner, or there are more features than arrays can hold, before any work
     * @throws org.transfer4j.error.TransferException if an image or the weights can't be used, and before any work if a target
     *     is the same for all images or memory does not suffice
     * @throws java.io.UncheckedIOException as {@link #probe(ImageDataset)}
     * @throws java.util.concurrent.CancellationException as {@link #probe(ImageDataset)}
     */
    public ImageRegressor probe(RegressionDataset data) {
        Objects.requireNonNull(data, "data");
        return new ImageRegressor(ProbeFit.run(settings, data));
    }

    /**
     * Tells how well this learner does on images that it has not seen: divides the data into parts, each class in the same
     * proportion in all, and for each part fits a classifier to the others and evaluates it. Features of frozen layers are
     * computed once for all fits, in the {@link #featureCache} or a temporary folder.
     *
     * <p>Parts are those of scikit-learn's {@code StratifiedKFold} without shuffling, so that images of a class that follow each
     * other are mostly held out together; {@link ImageDataset#shuffle} before it mixes them. Listeners hear of each fit;
     * checkpoints are not written.
     *
     * @param data labelled images of two classes or more
     * @param folds the number of parts, 2 or more
     * @return one evaluation for each part, with mean and interval
     * @throws IllegalArgumentException as {@link #fit(ImageDataset)} does, or if there are fewer than two folds, before any
     *     work
     * @throws org.transfer4j.error.TransferException as {@link #fit(ImageDataset)} does, and before any work if no class has
     *     as many images as there are folds, or one class alone would be left to learn from
     * @throws IllegalStateException if one of the fits diverged
     * @throws java.io.UncheckedIOException if the features can't be kept, in the temporary folder or the cache
     * @throws java.util.concurrent.CancellationException if the thread was interrupted, which it stays, or a listener asked
     *     for the end
     */
    public CrossValidationReport<EvaluationReport> crossValidate(ImageDataset data, int folds) {
        Objects.requireNonNull(data, "data");
        return CrossValidation.run(settings, data, folds);
    }

    /**
     * Tells how well this learner predicts the numbers of images that it has not seen, as {@link #crossValidate(ImageDataset, int)}
     * does for classes. Parts are those of scikit-learn's {@code KFold} without shuffling: images that follow each other are held
     * out together. Where the data is in the order of its numbers, {@link RegressionDataset#shuffle} it first, or each part holds
     * out numbers beyond those that were learned.
     *
     * @param data images with one number or more each
     * @param folds the number of parts, 2 or more
     * @return one evaluation for each part, with mean and interval
     * @throws IllegalArgumentException as {@link #fit(RegressionDataset)} does, or if there are fewer than two folds, before any
     *     work
     * @throws org.transfer4j.error.TransferException as {@link #fit(RegressionDataset)} does, and before any work if there are
     *     fewer images than folds, or a target is the same for all images that are left to learn from
     * @throws IllegalStateException if one of the fits diverged
     * @throws java.io.UncheckedIOException if the features can't be kept, in the temporary folder or the cache
     * @throws java.util.concurrent.CancellationException if the thread was interrupted, which it stays, or a listener asked
     *     for the end
     */
    public CrossValidationReport<RegressionReport> crossValidate(RegressionDataset data, int folds) {
        Objects.requireNonNull(data, "data");
        return CrossValidation.run(settings, data, folds);
    }

    /**
     * Looks for a learning rate (L. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017): trains a
     * throwaway copy of what {@link #fit} would train for 100 steps, over and over the data, while the rate grows from
     * 1e-7 to 10 by the same factor in each step, and ends early where the loss gets four times as high as it was at best.
     * The optimizer's other settings, head, loss, batch size and seed are used; its rate and schedule, epochs, validation
     * and listeners are not.
     *
     * <pre>{@code
     * LearningRateCurve curve = learner.learningRateFinder(data);
     * curve.plot(Path.of("rates.png"));
     * learner.optimizer(Optimizer.adamW(curve.suggestion())).fit(data);
     * }</pre>
     *
     * @param data labelled images of two classes or more; a {@link #validationSplit} is taken off
     * @return the losses by rate; this learner stays as it is
     * @throws IllegalArgumentException if the data contradicts this learner, or the optimizer has no learning rate, before
     *     any work
     * @throws org.transfer4j.error.TransferException if an image, a label or the weights can't be used
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public LearningRateCurve learningRateFinder(ImageDataset data) {
        Objects.requireNonNull(data, "data");
        return Fit.learningRates(settings, new LearningData.OneLabel(data));
    }

    /**
     * Looks for a learning rate as {@link #learningRateFinder(ImageDataset)}.
     *
     * @param data labelled images with two labels or more among them; a {@link #validationSplit} is taken off
     * @return the losses by rate; this learner stays as it is
     * @throws IllegalArgumentException if the data contradicts this learner, or the optimizer has no learning rate, before
     *     any work
     * @throws org.transfer4j.error.TransferException if an image, a label or the weights can't be used
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public LearningRateCurve learningRateFinder(MultiLabelDataset data) {
        Objects.requireNonNull(data, "data");
        return Fit.learningRates(settings, new LearningData.SeveralLabels(data));
    }

    /**
     * Looks for a learning rate as {@link #learningRateFinder(ImageDataset)}.
     *
     * @param data images with numbers; a {@link #validationSplit} is taken off
     * @return the losses by rate; this learner stays as it is
     * @throws IllegalArgumentException if the data contradicts this learner, or the optimizer has no learning rate, before
     *     any work
     * @throws org.transfer4j.error.TransferException if an image or the weights can't be used, or a target does not vary
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public LearningRateCurve learningRateFinder(RegressionDataset data) {
        Objects.requireNonNull(data, "data");
        return Fit.learningRates(settings, new LearningData.Numbers(data));
    }

    /**
     * Estimates what a {@link #fit(ImageDataset)} would take, by doing a little of it: for each phase it builds the network
     * with random weights, sends some images through the frozen layers, trains for a second or two at a rate of zero, and
     * measures the clock and the process's memory. That takes some seconds a phase, more where one batch takes seconds. Nothing
     * is fetched, no cache or checkpoint is looked at or written, no listener is told, and a fit afterwards gives the same
     * bits.
     *
     * <pre>{@code
     * System.out.println(learner.estimate(photos));
     * }</pre>
     *
     * @param data what would be fitted to; images for validation are counted in, but not those of a DataSetIterator
     * @return times, bytes and counts, and how far they can be relied on
     * @throws IllegalArgumentException as {@code fit} does, if the data contradicts this learner
     * @throws org.transfer4j.error.TransferException if one of the images looked at can't be used
     * @throws java.io.UncheckedIOException if there is no room even for some features
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public TrainingEstimate estimate(ImageDataset data) {
        Objects.requireNonNull(data, "data");
        return Estimation.run(settings, new LearningData.OneLabel(data));
    }

    /**
     * Estimates what a {@link #fit(MultiLabelDataset)} would take, as {@link #estimate(ImageDataset)} does.
     *
     * @param data what would be fitted to
     * @return times, bytes and counts
     * @throws IllegalArgumentException as {@code fit} does, if the data contradicts this learner
     * @throws org.transfer4j.error.TransferException if one of the images looked at can't be used
     * @throws java.io.UncheckedIOException if there is no room even for some features
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public TrainingEstimate estimate(MultiLabelDataset data) {
        Objects.requireNonNull(data, "data");
        return Estimation.run(settings, new LearningData.SeveralLabels(data));
    }

    /**
     * Estimates what a {@link #fit(RegressionDataset)} would take, as {@link #estimate(ImageDataset)} does.
     *
     * @param data what would be fitted to
     * @return times, bytes and counts
     * @throws IllegalArgumentException as {@code fit} does, if the data contradicts this learner
     * @throws org.transfer4j.error.TransferException if one of the images looked at can't be used, or a target does not vary
     * @throws java.io.UncheckedIOException if there is no room even for some features
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public TrainingEstimate estimate(RegressionDataset data) {
        Objects.requireNonNull(data, "data");
        return Estimation.run(settings, new LearningData.Numbers(data));
    }

    /**
     * Computes what the frozen layers make of images, without head and training; with a {@link #featureCache} only where
     * it was not computed before. An image's features are the same bits whichever images are beside it.
     *
     * @param data the images; labels are not used
     * @return [N, C, H, W] in the order of the data, float; the preprocessed images where nothing is frozen. All are
     *     in memory at once
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    public INDArray features(ImageDataset data) {
        Objects.requireNonNull(data, "data");
        return new FeatureExtraction(settings).run(data);
    }

    /**
     * Loads the weights and makes the frozen layers ready, for images one by one, for services, and for other machines. Its
     * vectors are what {@link #fit} would have the head learn from: flattened or averaged as the head begins. Augmentation
     * and cache have no part in it.
     *
     * @return the extractor, to be closed by the caller
     * @throws IllegalArgumentException if nothing is frozen
     * @throws org.transfer4j.error.TransferException if the weights can't be had, or need too much memory
     */
    public FeatureExtractor extractor() {
        return new FeatureExtractor(Extractor.of(settings));
    }

    /**
     * One vector an image, of the last images of the whole backbone, whatever is frozen: their means where the head begins with
     * {@link Head#globalAveragePooling()}, all their values where it is flat. What images are compared by, and what a probe
     * learns from; with a {@link #featureCache} only computed where it was not before.
     *
     * @param data the images; labels are not used
     * @return [N, features] in the order of the data, float; all are in memory at once
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     */
    @Override
    public INDArray embeddings(ImageDataset data) {
        Objects.requireNonNull(data, "data");
        return new FeatureExtraction(settings).embeddings(data);
    }

    /**
     * How many features {@link #embeddings} gives of an image: by the backbone, the input size and the head's beginning.
     *
     * @return 1 or more
     */
    @Override
    public OptionalLong embeddingWidth() {
        return OptionalLong.of(new FeatureExtraction(settings).embeddingWidth());
    }

    /**
     * What tells {@link #embeddings} from those of other networks. Weights are loaded for it.
     *
     * @return 64 hexadecimal digits
     */
    @Override
    public Optional<String> embeddingDigest() {
        return Optional.of(new FeatureExtraction(settings).embeddingDigest());
    }

    /**
     * The images to label first, where none has a label: typical ones that are unlike each other (G. Hacohen, A. Dekel and D.
     * Weinshall, "Active Learning on a Budget: Opposite Strategies Suit High and Low Budgets", 2022: TypiClust). The
     * {@linkplain #embeddings vectors} of all images are grouped into as many clusters as are asked for, 500 at most; of each,
     * the largest first, the image is taken that is nearest to its twenty nearest neighbours. {@link #seed} decides where clusters
     * begin.
     *
     * <pre>{@code
     * int[] first = learner.nextToLabel(pool, 20);
     * ImageDataset toLabel = pool.select(first);
     * }</pre>
     *
     * @param pool the images; labels are not used, nor need they be right
     * @param count how many are wanted
     * @return their numbers in the pool, in the order in which they should be labelled
     * @throws IllegalArgumentException if the count is not 1 to the size of the pool
     * @throws org.transfer4j.error.TransferException if the pool is empty, or an image or the weights can't be used
     * @throws java.util.concurrent.CancellationException if the thread was interrupted; it stays so
     * @see ImageClassifier#nextToLabel(ImageDataset, int, ImageDataset)
     */
    public int[] nextToLabel(ImageDataset pool, int count) {
        Objects.requireNonNull(pool, "pool");
        return LabelLoop.typical(settings, pool, count);
    }

    /**
     * The network as a table: layer, type, output shape, parameters and whether it is frozen, then the totals and the
     * preprocessing. Nothing is loaded for it. Where the head's number of classes is left to the data, it is shown with 2, that of
     * targets with 1.
     *
     * @return lines of text
     */
    public String summary() {
        AnswerKind answers = network().answers();
        int outputs = answers.wanted(network().head()).orElse(answers.shown());
        return settings.plan(outputs).summary(data().preprocessing());
    }

    /**
     * What distinguishes this learner, in one line.
     *
     * @return backbone, input size, preprocessing, weights, what is frozen, head and optimizer
     */
    @Override
    public String toString() {
        return settings.toString();
    }
}
