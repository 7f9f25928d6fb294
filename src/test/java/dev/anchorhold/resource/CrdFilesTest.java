package dev.anchorhold.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CrdFilesTest {

    @Test
    void the_committed_files_are_what_the_types_say() throws Exception {
        for (var file : CrdFiles.generate().entrySet()) {
            for (Path folder : CrdFiles.FOLDERS) {
                assertThat(Files.readString(folder.resolve(file.getKey())))
                        .as("%s/%s is stale: run ./dev fmt", folder, file.getKey())
                        .isEqualTo(file.getValue());
            }
        }
    }
}
