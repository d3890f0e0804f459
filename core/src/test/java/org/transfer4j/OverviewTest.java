package org.transfer4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first page of the Javadoc shows a program. */
class OverviewTest {
    private static final String BEGIN = "<pre>{@code\n";
    private static final String END = "}</pre>";

    @Test
    void itsExampleCompiles(@TempDir Path folder) throws Exception {
        String page = Files.readString(Path.of("..", "docs", "overview.html"));
        String program = page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END));
        assertThat(program).contains("TransferLearner", ".fit(", ".predict(");
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///FirstClassifier.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public String getCharContent(boolean ignoreEncodingErrors) {
                        return program;
                    }
                };
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        List<String> options = List.of(
                "-proc:none", "-Xlint:-options", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
        assertThat(compiler.getTask(errors, null, null, options, null, List.of(source))
                        .call())
                .as(errors.toString())
                .isTrue();
        assertThat(folder.resolve("FirstClassifier.class")).exists();
    }
}
