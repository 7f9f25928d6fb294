package dev.anchorhold.demo;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;

/** Runs one part of the demo, as a container of the chart's names it: {@code setup, database, clouds, removal}. */
public final class Demo {
    private Demo() {}

    public static void main(String[] arguments) throws Exception {
        DemoSettings settings = DemoSettings.ofEnvironment(System.getenv());
        try {
            switch (arguments.length == 1 ? arguments[0] : "") {
                case "setup" -> {
                    try (KubernetesClient kubernetes = kubernetes()) {
                        new DemoSetup(kubernetes, settings).run();
                    }
                }
                case "removal" -> {
                    try (KubernetesClient kubernetes = kubernetes()) {
                        new DemoRemoval(kubernetes, settings).run();
                    }
                }
                case "database" -> DemoDatabase.create(settings);
                case "clouds" -> {
                    DemoClouds.start(settings);
                    Thread.currentThread().join();
                }
                default -> throw new DemoFailure("Which part? There are: setup, database, clouds, removal");
            }
        } catch (DemoFailure e) {
            System.err.println(e.getMessage());
            System.exit(1);
        } catch (RuntimeException | IOException e) {
            e.printStackTrace();
            System.exit(1); // HTTP clients' threads would keep it alive
        }
        System.exit(0);
    }

    /** With this pod's ServiceAccount. What it makes is, in the objects and in the books, made by its name. */
    private static KubernetesClient kubernetes() {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(Config.autoConfigure(null))
                        .withUserAgent("anchorhold-demo")
                        .build())
                .build();
    }

    /** The demo cannot go on; the message says why, and what to do. */
    static final class DemoFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DemoFailure(String message) {
            super(message);
        }
    }
}
