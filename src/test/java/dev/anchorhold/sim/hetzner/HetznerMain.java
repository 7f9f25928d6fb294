package dev.anchorhold.sim.hetzner;

import java.nio.file.Path;

/**
 * Runs the simulator alone, without guests: {@code HetznerMain PORT SPEED [FOLDER]}. Prints its endpoint and runs
 * until its process ends; the restart tests kill it.
 */
public final class HetznerMain {
    private HetznerMain() {}

    public static void main(String[] arguments) throws InterruptedException {
        var options = new HetznerOptions().port(Integer.parseInt(arguments[0])).speed(Double.parseDouble(arguments[1]));
        if (arguments.length > 2) options.dataFolder(Path.of(arguments[2]));
        var simulator = HetznerSimulator.start(options);
        System.out.println(simulator.endpoint());
        Thread.currentThread().join();
    }
}
