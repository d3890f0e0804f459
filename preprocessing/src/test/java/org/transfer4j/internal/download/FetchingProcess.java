package org.transfer4j.internal.download;

import java.net.URI;
import java.nio.file.Path;

/** What a second process runs: fetches the fixture into a cache folder and says where it is. */
final class FetchingProcess {
    private FetchingProcess() {}

    public static void main(String[] arguments) {
        Path cache = Path.of(arguments[0]);
        RemoteFile remote = Fixture.remote(URI.create(arguments[1]));
        System.out.println(
                "fetched " + Fixture.downloader(Fixture.settings(cache)).fetch(remote));
    }
}
