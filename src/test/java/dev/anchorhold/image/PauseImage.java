package dev.anchorhold.image;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import java.nio.file.Path;

/** Writes the image of the container that holds a pod's namespaces, which a cluster without a registry cannot fetch: one program. */
public final class PauseImage {
    private PauseImage() {}

    /** {@code PROGRAM ARCHIVE} */
    public static void main(String[] arguments) throws Exception {
        write(Path.of(arguments[0]), Path.of(arguments[1]));
    }

    public static void write(Path program, Path archive) throws Exception {
        AbsoluteUnixPath pause = AbsoluteUnixPath.get("/pause");
        Jib.fromScratch()
                .setFormat(ImageFormat.OCI)
                .addFileEntriesLayer(FileEntriesLayer.builder()
                        .addEntry(program, pause, FilePermissions.fromOctalString("755"))
                        .build())
                .setEntrypoint(pause.toString())
                .setUser("65535:65535")
                .containerize(Containerizer.to(TarImage.at(archive).named("localhost/pause:1"))
                        .setToolName("anchorhold"));
    }
}
