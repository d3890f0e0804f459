package org.transfer4j.download;

/**
 * Hears how a download goes on, for example to draw a progress bar. It is called by the thread that downloads; where
 * several threads fetch different files through the same settings, by all of them, and the name tells the files apart.
 * What it throws ends nothing: the first failure is logged as a warning; a {@link
 * java.util.concurrent.CancellationException} alone ends the download.
 */
public interface DownloadProgress {
    /**
     * A download begins. Not called for a file that is in the cache already.
     *
     * @param name the file's name relative to the cache folder, with forward slashes
     * @param totalBytes the size of the file in bytes, -1 where it is not known beforehand
     */
    void started(String name, long totalBytes);

    /**
     * Bytes have arrived. Called often.
     *
     * @param name the file's name, as in {@link #started}
     * @param bytes how many bytes of the file are there now, with those of an earlier, interrupted download; smaller
     *     than before only where the server made the download start over
     */
    void advanced(String name, long bytes);

    /**
     * The download has ended, well or with an exception.
     *
     * @param name the file's name, as in {@link #started}
     */
    void finished(String name);

    /**
     * Writes a line to the log (SLF4J, level INFO) at the start, at the end, and at most every five seconds in between.
     *
     * @return a new listener
     */
    static DownloadProgress logging() {
        return new LoggedProgress();
    }
}
