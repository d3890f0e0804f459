package org.transfer4j.internal.download;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;

/** A port of the loopback interface at which nobody listens, and nobody else can, for as long as this is open. */
final class DeafPort implements AutoCloseable {
    private final Socket socket = new Socket();

    DeafPort() throws IOException {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + path);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
