package dev.anchorhold.sim.cloudflare;

import java.nio.file.Path;

/**
 * Runs the simulator alone: {@code CloudflareMain PORT [FOLDER]}. Prints its endpoint and runs until its process ends;
 * the restart tests kill it.
 */
public final class CloudflareMain {
    private CloudflareMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        var options = new CloudflareOptions().port(Integer.parseInt(arguments[0]));
        if (arguments.length > 1) options.dataFolder(Path.of(arguments[1]));
        System.out.println(CloudflareSimulator.start(options).endpoint());
        Thread.currentThread().join();
    }
}
