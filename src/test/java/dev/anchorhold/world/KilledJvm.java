package dev.anchorhold.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** A JVM that started programs, reported so and was then killed: its programs that still run. */
record KilledJvm(List<ProcessHandle> orphans) {

    /** Runs the class with the folder as its argument until it creates the file {@code ready} there, and kills its JVM. */
    static KilledJvm of(Class<?> main, Path folder) throws IOException, InterruptedException {
        Path ready = folder.resolve("ready");
        Files.deleteIfExists(ready);
        Process owner = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        main.getName(),
                        folder.toString())
                .inheritIO()
                .start();
        await().until(() -> Files.exists(ready) || !owner.isAlive());
        // Some leave the JVM's family, others rewrite their command line; none does both.
        Set<ProcessHandle> orphans = owner.descendants().collect(Collectors.toSet());
        owner.destroyForcibly().waitFor();
        ProcessHandle.allProcesses()
                .filter(it -> it.info().commandLine().orElse("").contains(folder.toString()))
                .forEach(orphans::add);
        orphans.removeIf(it -> !Daemon.runs(it));
        assertThat(ready).as("said that it was ready").exists();
        assertThat(orphans).as("what outlives the killed JVM").isNotEmpty();
        return new KilledJvm(List.copyOf(orphans));
    }

    /** To be called last by the class that is run. */
    static void readyToDie(Path folder) throws IOException, InterruptedException {
        Files.createFile(folder.resolve("ready"));
        Thread.currentThread().join();
    }

    void leaveNothingBehind() {
        orphans.forEach(ProcessHandle::destroyForcibly);
    }
}
