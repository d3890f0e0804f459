package org.transfer4j.dataset;

import java.util.List;

/** The fields of one record of a CSV file, and the line on which it begins, counted from 1. */
record CsvRow(int line, List<String> fields) {}
