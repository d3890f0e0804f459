package org.transfer4j.internal.format.modelfile;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.transfer4j.internal.file.ReplacedFile;

/** Writes a file into a folder, or begins to and waits to be killed. */
final class WritingProcess {
    private WritingProcess() {}

    /**
     * Writes.
     *
     * @param arguments the folder, the file's name or "hang"
     */
    public static void main(String[] arguments) {
        Path file = Path.of(arguments[0]).resolve(arguments[1]);
        ReplacedFile.write(file, "test", channel -> {
            channel.write(ByteBuffer.wrap(new byte[100]));
            if (arguments[1].equals("hang")) {
                System.out.println("writing");
                while (true) {
                    LockSupport.park();
                }
            }
        });
        System.out.println("written");
    }
}
