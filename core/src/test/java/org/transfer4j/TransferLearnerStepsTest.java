package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.transfer4j.backbone.Precision;
import org.transfer4j.backbone.Weights;
import org.transfer4j.dataset.ImageDataset;
import org.transfer4j.head.Head;
import org.transfer4j.internal.plan.Freeze;
import org.transfer4j.internal.settings.LearningData;
import org.transfer4j.internal.trunk.AlgorithmChoices;
import org.transfer4j.preprocessing.ImagePreprocessing;
import org.transfer4j.testing.Pictures;
import org.transfer4j.testing.TinyBackbones;
import org.transfer4j.training.FitListener;
import org.transfer4j.training.Optimizer;

/** What each step sets, and that no step changes the learner it is called on. */
class TransferLearnerStepsTest {
    @Test
    void theDefaultsAreThoseOfTheJavadoc() {
        TransferLearner learner = TransferLearner.vgg16();

        assertThat(learner.settings().network().weights()).isEqualTo(Weights.pretrained());
        assertThat(learner.settings().network().height()).isEqualTo(224);
        assertThat(learner.settings().network().width()).isEqualTo(224);
        assertThat(learner.settings().data().preprocessing()).isEqualTo(ImagePreprocessing.caffe());
        assertThat(learner.settings().network().freeze()).isEqualTo(Freeze.ALL);
        assertThat(learner.settings().network().precision()).isEqualTo(Precision.FLOAT32);
        assertThat(learner.settings().network().algorithms()).isEqualTo(AlgorithmChoices.TABLE);
        assertThat(learner.settings().network().head())
                .hasToString(Head.flatten().toString());
        assertThat(learner.settings().training().optimizer().updater()).isEqualTo(new Adam(1e-3));
        assertThat(learner.settings().training().epochs()).isEmpty();
        assertThat(learner.settings().training().batchSize()).isEqualTo(32);
        assertThat(learner.settings().data().seed()).isEqualTo(42);
        assertThat(learner.settings().data().validation()).isEmpty();
        assertThat(learner.settings().data().validationSplit()).isZero();
        assertThat(learner.settings().keeping().listeners()).isEmpty();
    }

    @Test
    void aKeptLearnerIsNotChangedByLaterSteps() {
        TransferLearner kept = TransferLearner.of(TinyBackbones.plain());
        String before = describe(kept);

        TransferLearner changed = everyStep(kept);

        assertThat(describe(kept)).isEqualTo(before);
        assertThat(describe(changed)).isNotEqualTo(before);
    }

    private static TransferLearner everyStep(TransferLearner learner) {
        return learner.weights(Weights.random())
                .inputSize(8, 24)
                .preprocessing(ImagePreprocessing.torch())
                .freezeUpTo("pool1")
                .precision(Precision.BFLOAT16)
                .tuned()
                .head(Head.globalAveragePooling().dense(5).classes(3))
                .optimizer(Optimizer.sgd(0.5))
                .epochs(3)
                .batchSize(7)
                .seed(-1)
                .validationSplit(0.25)
                .listener(new FitListener() {});
    }

    private static String describe(TransferLearner learner) {
        return String.join(
                "\n",
                List.of(
                        learner.settings().network().weights().toString(),
                        learner.settings().data().preprocessing().toString(),
                        learner.settings().training().optimizer().toString(),
                        learner.settings().network().head().toString(),
                        learner.settings().network().freeze() + " "
                                + learner.settings().network().precision() + " "
                                + learner.settings().network().algorithms(),
                        learner.settings().network().height() + "x"
                                + learner.settings().network().width(),
                        learner.settings().training().epochs() + " "
                                + learner.settings().training().batchSize() + " "
                                + learner.settings().data().seed(),
                        learner.settings().data().validation() + " "
                                + learner.settings().data().validationSplit(),
                        learner.settings().keeping().listeners().size() + " listeners",
                        learner.summary()));
    }

    @Test
    void theOrderOfTheStepsDoesNotMatter() {
        TransferLearner start = TransferLearner.of(TinyBackbones.plain());

        TransferLearner one =
                start.freezeUpTo("pool1").head(4).inputSize(32, 16).optimizer(Optimizer.sgd(0.1));
        TransferLearner other =
                start.optimizer(Optimizer.sgd(0.1)).inputSize(32, 16).head(4).freezeUpTo("pool1");

        assertThat(describe(one)).isEqualTo(describe(other));
        assertThat(one.summary()).contains("[N, 8, 8, 4]", "[N, 4]");
    }

    @Test
    void theLastCallOfAKindWins() {
        ImageDataset data = Pictures.dataset(4);
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain())
                .weights(Weights.random())
                .weights(Weights.pretrained())
                .inputSize(8, 8)
                .inputSize(24, 32)
                .preprocessing(ImagePreprocessing.none())
                .preprocessing(ImagePreprocessing.tf())
                .freezeUpTo("conv1")
                .unfreezeAll()
                .freezeAll()
                .freezeUpTo("pool1")
                .precision(Precision.FLOAT32)
                .precision(Precision.BFLOAT16)
                .head(9)
                .head(Head.globalAveragePooling().classes(2))
                .optimizer(Optimizer.adam(1))
                .optimizer(new Sgd(0.25))
                .epochs(1)
                .epochs(2)
                .batchSize(1)
                .batchSize(2)
                .seed(1)
                .seed(2)
                .validationSplit(0.5)
                .validation(data);

        assertThat(learner.settings().network().weights()).isEqualTo(Weights.pretrained());
        assertThat(learner.settings().network().height()).isEqualTo(24);
        assertThat(learner.settings().network().width()).isEqualTo(32);
        assertThat(learner.settings().data().preprocessing()).isEqualTo(ImagePreprocessing.tf());
        assertThat(learner.settings().network().freeze()).isEqualTo(Freeze.upTo("pool1"));
        assertThat(learner.settings().network().precision()).isEqualTo(Precision.BFLOAT16);
        assertThat(learner.settings().network().head().classCount()).hasValue(2);
        assertThat(learner.settings().training().optimizer().updater()).isEqualTo(new Sgd(0.25));
        assertThat(learner.settings().training().epochs()).hasValue(2);
        assertThat(learner.settings().training().batchSize()).isEqualTo(2);
        assertThat(learner.settings().data().seed()).isEqualTo(2);
        assertThat(learner.settings().data().validation()).contains(new LearningData.OneLabel(data));
        assertThat(learner.settings().data().validationSplit()).isZero();
        assertThat(learner.validationSplit(0.5).settings().data().validation()).isEmpty();
        assertThat(learner.unfreezeAll().settings().network().freeze()).isEqualTo(Freeze.NONE);
    }

    @Test
    void listenersAddUpInTheOrderOfTheCalls() {
        FitListener first = new FitListener() {};
        FitListener second = new FitListener() {};
        TransferLearner one = TransferLearner.of(TinyBackbones.plain()).listener(first);

        assertThat(one.listener(second).settings().keeping().listeners()).containsExactly(first, second);
        assertThat(one.settings().keeping().listeners()).containsExactly(first);
    }

    @Test
    void anUpdaterIsCloned() {
        RmsProp updater = new RmsProp(0.5);
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain()).optimizer(updater);

        updater.setLearningRate(7);

        IUpdater used = learner.settings().training().optimizer().updater();
        assertThat(used)
                .isEqualTo(new RmsProp(0.5))
                .isNotSameAs(learner.settings().training().optimizer().updater());
        assertThat(learner.optimizer(new AdaDelta())
                        .settings()
                        .training()
                        .optimizer()
                        .updater())
                .isEqualTo(new AdaDelta());
    }

    @Test
    void nullIsRefusedAtItsStep() {
        TransferLearner learner = TransferLearner.of(TinyBackbones.plain());

        assertThatNullPointerException().isThrownBy(() -> TransferLearner.of(null));
        assertThatNullPointerException().isThrownBy(() -> learner.weights(null)).withMessage("weights");
        assertThatNullPointerException()
                .isThrownBy(() -> learner.preprocessing(null))
                .withMessage("preprocessing");
        assertThatNullPointerException()
                .isThrownBy(() -> learner.freezeUpTo(null))
                .withMessage("layer");
        assertThatNullPointerException()
                .isThrownBy(() -> learner.precision(null))
                .withMessage("precision");
        assertThatNullPointerException()
                .isThrownBy(() -> learner.head((Head) null))
                .withMessage("head");
        assertThatNullPointerException()
                .isThrownBy(() -> learner.optimizer((Optimizer) null))
                .withMessage("optimizer");
        assertThatNullPointerException().isThrownBy(() -> learner.optimizer((IUpdater) null));
        assertThatNullPointerException()
                .isThrownBy(() -> learner.listener((FitListener) null))
                .withMessage("listener");
        assertThatNullPointerException()
                .isThrownBy(() -> learner.validation((ImageDataset) null))
                .withMessage("data");
    }
}
