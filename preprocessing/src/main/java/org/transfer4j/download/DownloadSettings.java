package org.transfer4j.download;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where fetched files are kept and how they are fetched. Immutable: every {@code with} method returns new settings.
 *
 * <p><b>Cache.</b> A file is fetched once, verified (size and published checksum) and kept under the cache folder; next
 * to it lies its SHA-256 in the format of {@code sha256sum}. Each later use hashes the file again, which takes about
 * 0.3 seconds for 100 MB, so that damage is noticed; a damaged file is fetched anew. A file put there by hand is
 * verified in the same way, at its first use.
 *
 * <p><b>Mirrors.</b> With one or several mirrors, the publisher's host is never asked. The first mirror that can be
 * reached and sends the right file is taken; what the others said is in the error, where none does. A file is looked for at
 * <code>mirror/<i>name in the cache</i></code>, so that a filled cache folder served over HTTP is a mirror, for example
 * {@code http://mirror/weights/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5}; and where that answers 403 or
 * 404, at <code>mirror/<i>file name</i></code>. Size and checksum must be those of the original.
 *
 * <p><b>Proxy.</b> The JVM's own: {@link java.net.ProxySelector#getDefault()}, which reads {@code http.proxyHost},
 * {@code https.proxyHost} and their like.
 */
public final class DownloadSettings {
    /** The system property that names the cache folder: {@value}. */
    public static final String CACHE_PROPERTY = "transfer4j.cache";

    /** The system property that names the mirror, or several, separated by spaces or commas: {@value}. */
    public static final String MIRROR_PROPERTY = "transfer4j.mirror";

    /** The system property that forbids the network when it is "true": {@value}. */
    public static final String OFFLINE_PROPERTY = "transfer4j.offline";

    /** A user name, with a password or without, and the host behind it, at the start of an address. */
    private static final Pattern LOGIN = Pattern.compile("(?:^|[\\s,])[^/?#\\s,]*//[^/?#]*@([^/\\s,]*)");

    private final Path cacheFolder;
    private final List<URI> mirrors;
    private final boolean offline;
    private final Duration connectTimeout;
    private final Duration stallTimeout;
    private final DownloadProgress progress;

    private DownloadSettings(
            Path cacheFolder,
            List<URI> mirrors,
            boolean offline,
            Duration connectTimeout,
            Duration stallTimeout,
            DownloadProgress progress) {
        this.cacheFolder = cacheFolder;
        this.mirrors = List.copyOf(mirrors);
        this.offline = offline;
        this.connectTimeout = connectTimeout;
        this.stallTimeout = stallTimeout;
        this.progress = progress;
    }

    /**
     * The settings that hold where none are given: what the system properties {@value #CACHE_PROPERTY} (default
     * {@code .transfer4j} in the user's home), {@value #MIRROR_PROPERTY} (default none) and {@value #OFFLINE_PROPERTY}
     * (default false) say at this moment, 10 seconds to connect, 30 seconds without a byte, and progress to the log.
     *
     * @return the default settings
     * @throws IllegalArgumentException if the mirror is not an http or https address
     */
    public static DownloadSettings defaults() {
        String cache = System.getProperty(CACHE_PROPERTY, "");
        Path folder = cache.isBlank() ? Path.of(System.getProperty("user.home", "."), ".transfer4j") : Path.of(cache);
        return new DownloadSettings(
                folder.toAbsolutePath(),
                mirrorsOfProperty(),
                Boolean.getBoolean(OFFLINE_PROPERTY),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                DownloadProgress.logging());
    }

    /**
     * Keeps fetched files elsewhere.
     *
     * @param folder the cache folder; made where it doesn't exist, at the first download
     * @return new settings
     */
    public DownloadSettings withCacheFolder(Path folder) {
        Objects.requireNonNull(folder, "folder");
        return new DownloadSettings(folder.toAbsolutePath(), mirrors, offline, connectTimeout, stallTimeout, progress);
    }

    /**
     * Asks a mirror instead of the publisher.
     *
     * @param address an http or https address without query, fragment, user name or password ({@link java.net.Authenticator}
     *     gives these), with or without a slash at its end; the names
     *     of the files are appended to its path
     * @return new settings
     * @throws IllegalArgumentException if the address is not of that form
     */
    public DownloadSettings withMirror(URI address) {
        return withMirrors(address);
    }

    /**
     * Asks mirrors instead of the publisher, one after the other until one has the file.
     *
     * @param addresses addresses as for {@link #withMirror}; none for the publisher
     * @return new settings
     * @throws IllegalArgumentException if an address is not of that form
     */
    public DownloadSettings withMirrors(URI... addresses) {
        Objects.requireNonNull(addresses, "addresses");
        List<URI> checked = Arrays.stream(addresses)
                .map(address -> checkedMirror(address, shown(address)))
                .toList();
        return new DownloadSettings(cacheFolder, checked, offline, connectTimeout, stallTimeout, progress);
    }

    /**
     * Forbids or allows the network.
     *
     * @param offline true: what is not in the cache fails at once with an error that says where to put the file
     * @return new settings
     */
    public DownloadSettings withOffline(boolean offline) {
        return new DownloadSettings(cacheFolder, mirrors, offline, connectTimeout, stallTimeout, progress);
    }

    /**
     * Limits how long looking up a host and connecting to it may take, each; the handshake of TLS is part of connecting.
     *
     * @param timeout a positive time
     * @return new settings
     * @throws IllegalArgumentException if the time is zero or negative
     */
    public DownloadSettings withConnectTimeout(Duration timeout) {
        return new DownloadSettings(cacheFolder, mirrors, offline, positive(timeout), stallTimeout, progress);
    }

    /**
     * Limits how long a connected server may send nothing. The download is then taken up again, a few times, from where
     * it stopped.
     *
     * @param timeout a positive time
     * @return new settings
     * @throws IllegalArgumentException if the time is zero or negative
     */
    public DownloadSettings withStallTimeout(Duration timeout) {
        return new DownloadSettings(cacheFolder, mirrors, offline, connectTimeout, positive(timeout), progress);
    }

    /**
     * Reports progress to another listener than the log.
     *
     * @param progress the listener
     * @return new settings
     */
    public DownloadSettings withProgress(DownloadProgress progress) {
        Objects.requireNonNull(progress, "progress");
        return new DownloadSettings(cacheFolder, mirrors, offline, connectTimeout, stallTimeout, progress);
    }

    /**
     * Where fetched files are kept.
     *
     * @return an absolute path, which need not exist yet
     */
    public Path cacheFolder() {
        return cacheFolder;
    }

    /**
     * What is asked instead of the publisher.
     *
     * @return the mirrors' addresses in the order in which they are asked, empty where there are none
     */
    public List<URI> mirrors() {
        return mirrors;
    }

    /**
     * Whether the network is forbidden.
     *
     * @return true where only the cache may be used
     */
    public boolean offline() {
        return offline;
    }

    /**
     * How long looking up a host and connecting to it, with TLS's handshake, may take, each.
     *
     * @return a positive time
     */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /**
     * How long a connected server may send nothing.
     *
     * @return a positive time
     */
    public Duration stallTimeout() {
        return stallTimeout;
    }

    /**
     * Who hears of the progress.
     *
     * @return the listener
     */
    public DownloadProgress progress() {
        return progress;
    }

    /**
     * A description for logs.
     *
     * @return the cache folder, and the mirrors and the network's state where they are not the default
     */
    @Override
    public String toString() {
        return "cache " + cacheFolder
                + mirrors.stream().map(mirror -> ", mirror " + mirror).collect(Collectors.joining())
                + (offline ? ", offline" : "");
    }

    private static List<URI> mirrorsOfProperty() {
        String addresses = System.getProperty(MIRROR_PROPERTY, "");
        // as a whole: a password may have in it what separates addresses
        requireNoPassword(addresses);
        return Arrays.stream(addresses.split("[\\s,]+", -1))
                .filter(address -> !address.isEmpty())
                // a part that is no address may be that of a password where there is an @ in another
                .map(address -> mirrorOfProperty(address, addresses.contains("@") ? "..." : address))
                .toList();
    }

    private static URI mirrorOfProperty(String address, String shown) {
        try {
            return checkedMirror(new URI(address), shown);
        } catch (URISyntaxException e) {
            // not as the cause, whose message has all of the address
            throw new IllegalArgumentException("the system property " + MIRROR_PROPERTY + " has \"" + shown
                    + "\", which is no address: " + e.getReason());
        }
    }

    private static void requireNoPassword(String addresses) {
        Matcher login = LOGIN.matcher(addresses);
        if (login.find()) {
            throw new IllegalArgumentException("a mirror's address has no user name or password, as the one of "
                    + login.group(1) + " has; java.net.Authenticator.setDefault gives them");
        }
    }

    /** Whatever stands before an @ may be a password. */
    private static String shown(URI address) {
        return Objects.requireNonNull(address, "address").toString().replaceFirst("(?s).*@", "...@");
    }

    private static URI checkedMirror(URI address, String shown) {
        requireNoPassword(address.toString());
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        boolean web = scheme.equals("http") || scheme.equals("https");
        if (!web || address.getHost() == null || address.getQuery() != null || address.getFragment() != null) {
            throw new IllegalArgumentException(
                    "a mirror is an http or https address without query and fragment, but was " + shown);
        }
        return address;
    }

    private static Duration positive(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        if (timeout.isZero() || timeout.isNegative()) {
            throw new IllegalArgumentException("a timeout must be positive, but was " + timeout);
        }
        return timeout;
    }
}
