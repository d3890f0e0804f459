package org.transfer4j.inspection;

/**
 * An image that was inspected.
 *
 * @param part which of the data sets it is in: {@code training}, {@code validation} or {@code test}; "" where there is but one
 * @param index its place in that data set, from 0
 * @param image where it comes from, a path for example
 * @param label the name of the class that it has there
 */
public record InspectedImage(String part, int index, String image, String label) {
    /** The same without its path. */
    InspectedImage withoutPath() {
        return new InspectedImage(part, index, "image " + index, label);
    }

    /**
     * All values on one line.
     *
     * @return for example {@code training cats/17.jpg (cat)}
     */
    @Override
    public String toString() {
        return (part.isEmpty() ? "" : part + " ") + image + " (" + label + ")";
    }
}
