package dev.anchorhold.image;

import dev.anchorhold.world.Programs;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.ConstantInstruction.LoadConstantInstruction;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Builds an image as of a release before this one, for tests of upgrades: the same product, but its newest migration of the database is not in
 * it. It so brings an empty database to the schema of before, and works on it.
 */
public final class PreviousImage {
    /** Its tag. */
    public static final String TAG = "previous";

    private static final String MIGRATIONS = "db/migration";

    private PreviousImage() {}

    /**
     * Builds it into an archive, of the parts of this release's.
     *
     * @param application where its build of the product is put
     */
    public static void write(Path archive, ImageBuild current, Path application)
            throws IOException, InterruptedException {
        copy(Programs.CHECKOUT.resolve("target/quarkus-app"), application);
        List<String> newest = newestFirst(application.resolve("app/anchorhold.jar"));
        forget(application.resolve("quarkus/generated-bytecode.jar"), newest.get(0), newest.get(1));
        current.writeAnother(archive, application, TAG);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path it : files.toList()) {
                Files.copy(it, to.resolve(from.relativize(it).toString()));
            }
        }
    }

    /** Removes the file. */
    private static List<String> newestFirst(Path product) throws IOException {
        try (FileSystem jar = FileSystems.newFileSystem(product);
                Stream<Path> files = Files.list(jar.getPath(MIGRATIONS))) {
            List<Path> newestFirst = files.filter(
                            it -> it.getFileName().toString().matches("V\\d+__.*[.]sql"))
                    .sorted(Comparator.comparingInt(PreviousImage::version).reversed())
                    .toList();
            Files.delete(newestFirst.getFirst());
            return newestFirst.stream().map(Path::toString).toList();
        }
    }

    private static int version(Path migration) {
        return Integer.parseInt(migration.getFileName().toString().replaceFirst("V(\\d+)__.*", "$1"));
    }

    /** Quarkus notes the migrations' names as it builds, in a set: the name of the one before is in it already. */
    private static void forget(Path generated, String migration, String before) throws IOException {
        try (FileSystem jar = FileSystems.newFileSystem(generated);
                Stream<Path> classes = Files.list(jar.getPath("io/quarkus/runner/recorded"))) {
            for (Path it : classes.filter(file -> file.getFileName().toString().startsWith("FlywayProcessor$"))
                    .toList()) {
                Files.write(it, replace(Files.readAllBytes(it), migration, before));
            }
        }
    }

    private static byte[] replace(byte[] code, String text, String by) {
        CodeTransform loads = (builder, element) -> {
            if (element instanceof LoadConstantInstruction load && text.equals(load.constantValue())) {
                builder.loadConstant(by);
            } else {
                builder.with(element);
            }
        };
        ClassFile classFile = ClassFile.of();
        return classFile.transformClass(classFile.parse(code), ClassTransform.transformingMethodBodies(loads));
    }
}
