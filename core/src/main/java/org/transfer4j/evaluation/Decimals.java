package org.transfer4j.evaluation;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Numbers for tables, the same in every locale, and rounded as C and Python do it: the exact binary value to the
 * nearest, halves to even. Java's own formatter rounds halves up.
 */
final class Decimals {
    private Decimals() {}

    static String format(double value, int digits) {
        return new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    }
}
