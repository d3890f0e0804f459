package org.transfer4j.evaluation;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.transfer4j.training.TrainingHistory;

/**
 * What is to be known of a classifier or regressor beside its figures, for {@link Report#html}. Its own
 * evaluation has one; {@link Report#with(ModelCard)} gives another.
 *
 * @param title the page's heading
 * @param history how the training went; without epochs no curves are drawn
 * @param summary the network as lines of text, or ""
 * @param facts settings, versions, licences, whatever the reader shall know, by name, in this order
 */
public record ModelCard(String title, TrainingHistory history, String summary, Map<String, String> facts) {
    /**
     * Copies the map.
     *
     * @param title as above
     * @param history as above
     * @param summary as above
     * @param facts as above
     */
    public ModelCard {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }
}
