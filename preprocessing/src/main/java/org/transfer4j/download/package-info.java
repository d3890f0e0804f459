/**
 * How files are fetched: where the cache lies, which mirror is asked, how long the network may take, and who hears of the progress.
 */
@NullMarked
package org.transfer4j.download;

import org.jspecify.annotations.NullMarked;
