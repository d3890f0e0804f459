package org.transfer4j.internal.download;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Looks up a host before the client does: a resolver without a name server may take longer than any timeout of the
 * client, which does not bound it.
 */
final class HostLookup {
    private HostLookup() {}

    static void check(URI address, Duration timeout) throws Unreachable, InterruptedException {
        if (proxied(address)) {
            return;
        }
        String host = address.getHost();
        FutureTask<InetAddress> lookup = new FutureTask<>(() -> InetAddress.getByName(host));
        Thread thread = new Thread(lookup, "transfer4j-host-lookup");
        thread.setDaemon(true);
        thread.start();
        try {
            lookup.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new Unreachable("the host " + host + " is not known here", e);
        } catch (TimeoutException e) {
            throw new Unreachable(
                    "the host " + host + " could not be looked up within " + timeout.toMillis() / 1000.0 + " seconds",
                    new IOException(e));
        }
    }

    private static boolean proxied(URI address) {
        @Nullable ProxySelector selector = ProxySelector.getDefault();
        return selector != null
                && selector.select(address).stream().anyMatch(proxy -> proxy.type() != Proxy.Type.DIRECT);
    }
}
